import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { observe } from "../chaos/observe.ts";
import { eventually } from "../eventually.ts";
import { theLab } from "../lab-handle.ts";
import { BALLAST, takeBallast } from "./ballast.ts";
import { beginVigil } from "./begin-vigil.ts";

const TTL_MS = 10_000;
const AGENT = "quarterdeck-agent.service";

let ballast: AsyncDisposable | null = null;

beforeAll(async () => {
  ballast = await takeBallast();
});

afterAll(async () => {
  await theLab.lab(["heal"]);
  await ballast?.[Symbol.asyncDispose]();
});

test("fleet #1690: a machine that was cut off for longer than its lease is healed: each old copy stops only once its replacement runs", async () => {
  await theLab.settled(60_000);
  const victim = await fullest();
  const moved = await unitsOn(victim);
  await using vigil = await beginVigil(theLab, [...BALLAST, "global.service"]);
  await theLab.labOk("cut", victim);
  try {
    await eventually(
      "a second copy of each",
      async () => ((await copiesOf(moved)).every((on) => on.length === 2) ? true : undefined),
      { withinMs: 90_000 },
    );
  } finally {
    await theLab.labOk("heal", victim);
  }
  await eventually(
    "one copy of each, elsewhere",
    async () => {
      const copies = await copiesOf(moved);
      return copies.every((on) => on.length === 1 && on[0] !== victim) ? true : undefined;
    },
    { withinMs: 60_000 },
  );
  await theLab.settled(60_000);
  await vigil.end();
  for (const unit of BALLAST) expect(vigil.fewest(unit), unit).toBeGreaterThanOrEqual(1);
  const expected = moved.flatMap((unit) => [`${unit} started`, `${unit} stopped on ${victim}`]);
  expect(
    vigil.changes.map((line) => (line.endsWith(` on ${victim}`) ? line : line.replace(/ on .*/, ""))).toSorted(),
  ).toEqual(expected.toSorted());
}, 240_000);

test("fleet #1725: an agent that was frozen for two TTLs comes back, takes up what runs, and restarts nothing", async () => {
  await theLab.settled(60_000);
  const victim = await fullest();
  const own = await unitsOn(victim);
  await using vigil = await beginVigil(theLab, [...BALLAST, "global.service"]);
  const pid = (await theLab.inside(victim, "systemctl", "show", "-P", "MainPID", AGENT)).stdout.trim();
  expect(pid).toMatch(/^[1-9]/);
  await theLab.inside(victim, "kill", "-STOP", pid);
  try {
    await delay(2 * TTL_MS);
  } finally {
    await theLab.inside(victim, "kill", "-CONT", pid);
  }
  await theLab.settled(60_000);
  await eventually(
    "one copy of each",
    async () => ((await copiesOf(BALLAST)).every((on) => on.length === 1) ? true : undefined),
    {
      withinMs: 60_000,
    },
  );
  await vigil.end();
  // Its movable units were given away meanwhile; nothing else was touched, and at no moment did one of them run nowhere.
  for (const unit of BALLAST) expect(vigil.fewest(unit), unit).toBeGreaterThanOrEqual(1);
  const touched = vigil.changes.filter((line) => !own.some((unit) => line.startsWith(`${unit} `)));
  expect(touched).toEqual([]);
  expect(vigil.changes.filter((line) => line.endsWith(`started on ${victim}`))).toEqual([]);
}, 240_000);

test("fleet #925: machines whose processors and disks are busy lose no heartbeat that matters: no machine is lost, no unit is touched", async () => {
  await theLab.settled(60_000);
  const names = (await theLab.machines()).map(({ name }) => name);
  await using vigil = await beginVigil(theLab, [...BALLAST, "global.service"]);
  const lost: string[] = [];
  try {
    for (const name of names)
      for (const [unit, script] of Object.entries(STRESS))
        expect(
          await theLab.inside(name, "systemd-run", "--quiet", `--unit=${unit}`, "/bin/sh", "-c", script),
        ).toMatchObject({ code: 0 });
    const until = performance.now() + 2 * TTL_MS;
    for (let round = 0; performance.now() < until; round += 1) {
      const unit = `ballast@${100 + (round % 4)}.service`;
      await theLab.fleet([round % 8 < 4 ? "start" : "destroy", unit, "--no-block"]);
      const { machines } = await theLab.status();
      lost.push(
        ...machines.filter(({ state }) => state !== "running").map(({ hostname, state }) => `${hostname} ${state}`),
      );
    }
  } finally {
    for (const name of names)
      await theLab.inside(name, "systemctl", "stop", ...Object.keys(STRESS).map((unit) => `${unit}.service`));
    for (const index of [100, 101, 102, 103]) await theLab.fleet(["destroy", `ballast@${index}.service`]);
  }
  await theLab.settled(60_000);
  await vigil.end();
  expect(lost).toEqual([]);
  expect(vigil.changes).toEqual([]);
}, 400_000);

const STRESS: Readonly<Record<string, string>> = {
  "stress-processor-1": "while :; do :; done",
  "stress-processor-2": "while :; do :; done",
  "stress-disk": "while :; do dd if=/dev/zero of=/var/tmp/stress bs=64k count=200 conv=fsync status=none; done",
};

/** By unit, the machines that it is active on, those too that are cut off. */
async function copiesOf(units: readonly string[]): Promise<readonly (readonly string[])[]> {
  const { machines } = await observe(theLab, units, 0);
  return units.map((unit) => machines.filter(({ active }) => active?.has(unit) === true).map(({ name }) => name));
}

async function unitsOn(machine: string): Promise<readonly string[]> {
  const copies = await copiesOf(BALLAST);
  return BALLAST.filter((_, index) => copies[index]?.includes(machine) === true);
}

/** The machine that runs the most of the ballast. */
async function fullest(): Promise<string> {
  const copies = (await copiesOf(BALLAST)).flat();
  const count = (machine: string): number => copies.filter((each) => each === machine).length;
  const [first = ""] = [...new Set(copies)].toSorted((left, right) => count(right) - count(left));
  return first;
}
