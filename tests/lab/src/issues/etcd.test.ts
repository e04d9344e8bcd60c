import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { churn, CHURNED, isWrong, type Deed } from "../chaos/churn.ts";
import { createDice } from "../chaos/draw-fault.ts";
import { eventually } from "../eventually.ts";
import { theLab } from "../lab-handle.ts";
import { BALLAST, submitTexts, takeBallast } from "./ballast.ts";
import { beginVigil } from "./begin-vigil.ts";
import { blackHole, endpoints, etcdctl, wholeCluster } from "./etcd-members.ts";

const TTL_SECONDS = 10;
/** Lease, grace and what a busy computer adds: what would have been found lost has been by then. */
const LOSS_MS = 13_000;
const WATCHED = [...BALLAST, "global.service"];

let ballast: AsyncDisposable | null = null;

beforeAll(async () => {
  ballast = await takeBallast();
  await submitTexts({ "churn@.service": "[Service]\nExecStart=/bin/sleep infinity\n" });
});

afterAll(async () => {
  await theLab.fleet(["destroy", ...CHURNED, "churn@.service"]);
  await ballast?.[Symbol.asyncDispose]();
});

test("fleet #1289, Nomad #3840: twenty moves and twenty kills of the etcd leader under load stop and reschedule nothing", async () => {
  await using vigil = await beginVigil(theLab, WATCHED);
  const over = new AbortController();
  const deeds: Deed[] = [];
  const loading = (async () => {
    for await (const deed of churn(theLab, createDice(1289), over.signal)) deeds.push(deed);
  })();
  try {
    for (let round = 0; round < 40; round += 1) {
      const members = await wholeCluster();
      const leader = members.find(({ isLeader }) => isLeader);
      const heir = members[(members.findIndex(({ isLeader }) => isLeader) + 1) % members.length];
      if (leader === undefined || heir === undefined) throw new Error("etcd has no leader");
      if (round < 20) {
        await etcdctl([(await endpoints()).get(leader.machine) ?? ""], "move-leader", BigInt(heir.id).toString(16));
        expect((await wholeCluster()).find(({ isLeader }) => isLeader)?.machine).toBe(heir.machine);
      } else {
        await theLab.inside(leader.machine, ...KILL_ETCD);
        await eventually(
          "another leader",
          async () =>
            (await wholeCluster()).some(({ id, isLeader }) => isLeader && id !== leader.id) ? true : undefined,
          { withinMs: 20_000 },
        );
      }
    }
  } finally {
    over.abort();
    await loading;
  }
  await theLab.settled(60_000);
  await delay(LOSS_MS);
  expect(await vigil.end()).toBeGreaterThan(40);
  expect(vigil.changes).toEqual([]);
  expect(deeds.filter(isWrong)).toEqual([]);
  expect(deeds.filter(({ code }) => code === 0).length).toBeGreaterThan(3);
}, 300_000);

test("fleet #1397: one etcd member that answers nobody: heartbeats go to another within a third of the TTL, and nothing is rescheduled", async () => {
  await theLab.settled(60_000);
  const members = await wholeCluster();
  const silenced = members.find(({ isLeader }) => !isLeader)?.machine ?? "";
  const others = members.filter(({ machine }) => machine !== silenced);
  const reachable = [...(await endpoints())]
    .filter(([machine]) => machine !== silenced)
    .map(([, endpoint]) => endpoint);
  expect(others).toHaveLength(2);
  const leases = await presenceLeases(reachable);
  expect(leases).toHaveLength(members.length);
  await using vigil = await beginVigil(theLab, WATCHED);
  const end = await blackHole(silenced, "member");
  let least = TTL_SECONDS;
  try {
    const until = performance.now() + 2 * TTL_SECONDS * 1000;
    while (performance.now() < until)
      for (const lease of leases) least = Math.min(least, await secondsLeft(reachable, lease));
  } finally {
    await end();
  }
  // Asked anew after a third of the TTL; of the second third that a fail-over may take one second is etcd's rounding.
  expect(least).toBeGreaterThanOrEqual(Math.floor(TTL_SECONDS / 3) - 1);
  await theLab.settled(60_000);
  expect(await presenceLeases(reachable)).toEqual(leases);
  await vigil.end();
  expect(vigil.changes).toEqual([]);
});

test("fleet #1145: a minute without etcd: units and files stay, fleet says so, and once it is back nobody does anything", async () => {
  await theLab.settled(60_000);
  const files = await unitFiles();
  await using vigil = await beginVigil(theLab, WATCHED);
  const ends: (() => Promise<void>)[] = [];
  try {
    for (const machine of (await endpoints()).keys()) ends.push(await blackHole(machine, "clients"));
    const started = performance.now();
    const status = await theLab.fleet(["status"]);
    expect(status.code).toBe(7);
    expect(status.stderr).toContain("error[UNREACHABLE]");
    await delay(60_000 - (performance.now() - started));
    expect(await unitFiles()).toEqual(files);
  } finally {
    for (const end of ends) await end();
  }
  await theLab.settled(90_000);
  await delay(LOSS_MS);
  expect(await unitFiles()).toEqual(files);
  await vigil.end();
  expect(vigil.changes).toEqual([]);
}, 240_000);

const KILL_ETCD = ["systemctl", "kill", "-s", "KILL", "--kill-who=main", "--", "quarterdeck-etcd.service"] as const;

/** What agents have written, by machine: name, size and time of change of every unit file. */
async function unitFiles(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name } of await theLab.machines()) {
    const { stdout } = await theLab.inside(
      name,
      "find",
      "/run/quarterdeck/units",
      "-type",
      "f",
      "-printf",
      "%p %s %T@\n",
    );
    expect(stdout).not.toBe("");
    found.push(
      ...stdout
        .trim()
        .split("\n")
        .map((line) => `${name} ${line}`),
    );
  }
  return found.toSorted();
}

/** The leases that the machines' presence hangs on, in hex, sorted. */
async function presenceLeases(at: readonly string[]): Promise<readonly string[]> {
  const printed = await etcdctl(at, "get", "--prefix", "/quarterdeck/agents/", "-w", "json");
  const { kvs } = JSON.parse(printed.replaceAll(/"lease":(\d+)/g, '"lease":"$1"')) as {
    kvs: readonly { readonly key: string; readonly lease?: string }[];
  };
  return kvs
    .filter(({ key }) => Buffer.from(key, "base64").toString().endsWith("/presence"))
    .map(({ lease }) => BigInt(lease ?? "0").toString(16))
    .toSorted();
}

async function secondsLeft(at: readonly string[], lease: string): Promise<number> {
  const printed = await etcdctl(at, "lease", "timetolive", lease);
  const left = /remaining\((\d+)s\)/.exec(printed)?.[1];
  // A lease that ended has nothing left.
  return left === undefined ? 0 : Number(left);
}
