import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { theLab } from "./lab-handle.ts";

const FILES = {
  "only.service": "[Service]\nExecStart=/usr/bin/sleep infinity\nRestart=always\n[X-Fleet]\nSingleton=true\n",
  "beside-only.service": "[Service]\nExecStart=/usr/bin/sleep infinity\n[X-Fleet]\nMachineOf=only.service\n",
};
const UNITS = [...Object.keys(FILES), "singleton.service"];
/** Of the lease; see docs/protocol.md "The fence" for what follows from it. */
const TTL_MS = 10_000;

/** systemd's words for "Started …" and "Stopped …". @see systemd.journal-fields(7) */
const STARTED = "39f53479d3a045ac8e11786248231fbf";
const STOPPED = "9d1aaa27d60140bd96365438aad20286";

/** The last time that systemd said so, by the clock that all machines of the lab share with this computer; of a unit at rest it keeps no times. */
async function saidAtMs(machine: string, unit: string, message: string): Promise<number> {
  const argv = ["journalctl", "-o", "json", "-n", "1", `UNIT=${unit}`, `MESSAGE_ID=${message}`];
  const { stdout } = await theLab.inside(machine, ...argv);
  return Number((JSON.parse(stdout) as { readonly __MONOTONIC_TIMESTAMP: string }).__MONOTONIC_TIMESTAMP) / 1000;
}

const isActive = async (machine: string, unit: string): Promise<boolean> =>
  (await theLab.inside(machine, "systemctl", "is-active", unit)).stdout.trim() === "active";

const machineOf = (unit: string, except = "") =>
  eventually(
    `${unit} to run${except === "" ? "" : ` elsewhere than on ${except}`}`,
    () => activeApartFrom(unit, except),
    {
      withinMs: 40_000,
    },
  );

async function activeApartFrom(unit: string, except: string): Promise<string | undefined> {
  return (await theLab.activeOn(unit)).find((name) => name !== except);
}

const pidOf = async (machine: string, unit: string): Promise<string> =>
  (await theLab.inside(machine, "systemctl", "show", "-P", "MainPID", unit)).stdout.trim();

let dir: string;

beforeAll(async () => {
  await theLab.settled();
  dir = mkdtempSync(join(tmpdir(), "quarterdeck-singleton-"));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(dir, name), text);
  await theLab.fleetOk("start", ...Object.keys(FILES).map((name) => join(dir, name)));
});

beforeEach(async () => {
  await theLab.labOk("heal");
  await theLab.settled();
});

afterAll(async () => {
  await theLab.lab(["heal"]);
  for (const unit of UNITS) await theLab.fleet(["destroy", unit]);
  rmSync(dir, { recursive: true, force: true });
});

test("fleet #1361: a cut-off machine's singleton has stopped there before it starts elsewhere; what is no singleton goes on there", async () => {
  const victim = await machineOf("only.service");
  await theLab.labOk("cut", victim);
  const cutAtMs = performance.now();
  const heir = await machineOf("only.service", victim);
  expect(await isActive(victim, "only.service")).toBe(false);
  expect(await isActive(victim, "beside-only.service")).toBe(true);
  const stoppedAt = await saidAtMs(victim, "only.service", STOPPED);
  const startedAt = await saidAtMs(heir, "only.service", STARTED);
  process.stdout.write(
    `stopped ${(startedAt - stoppedAt).toFixed(0)} ms before the start elsewhere, which came ${(performance.now() - cutAtMs).toFixed(0)} ms after the cut\n`,
  );
  // The fence's time for the stop, of which this one needs next to nothing, and the engine's grace lie between the two.
  expect(startedAt - stoppedAt).toBeGreaterThan(TTL_MS / 3);

  await theLab.labOk("heal", victim);
  await theLab.settled();
  expect(await theLab.activeOn("only.service")).toEqual([heir]);
});

test("an agent that is killed and comes back takes the fence over; without one the singleton stops in time", async () => {
  const machine = await machineOf("only.service");
  const before = await saidAtMs(machine, "only.service", STARTED);
  const fence = await pidOf(machine, "quarterdeck-fence.service");
  const { stdout: memory } = await theLab.inside(machine, "grep", "-E", "VmRSS|RssAnon", `/proc/${fence}/status`);
  process.stdout.write(`the fence holds ${memory.replaceAll(/\s+/g, " ")}\n`);
  const agent = await pidOf(machine, "quarterdeck-agent.service");
  const deadline = async () => (await theLab.inside(machine, "cat", "/run/quarterdeck/fence")).stdout;
  const old = await deadline();
  // Right after the deadline was put off: on a busy machine an agent takes a while to come back.
  await eventually("a new deadline", async () => ((await deadline()) === old ? undefined : true), {
    withinMs: TTL_MS,
    everyMs: 20,
  });
  await theLab.inside(machine, "kill", "-9", agent);
  const killedAtMs = performance.now();
  // Longer than the fence holds by itself.
  await eventually(
    "the fence to hold",
    async () => performance.now() - killedAtMs > TTL_MS || !(await isActive(machine, "only.service")) || undefined,
    { withinMs: 2 * TTL_MS },
  );
  expect(await saidAtMs(machine, "only.service", STARTED)).toBe(before);
  expect(await theLab.activeOn("only.service")).toEqual([machine]);

  await theLab.inside(machine, "systemctl", "stop", "quarterdeck-agent.service");
  const deadAt = await saidAtMs(machine, "quarterdeck-agent.service", STOPPED);
  const heir = await machineOf("only.service", machine);
  const stoppedAt = await saidAtMs(machine, "only.service", STOPPED);
  const startedAt = await saidAtMs(heir, "only.service", STARTED);
  process.stdout.write(`without an agent: stopped after ${(stoppedAt - deadAt).toFixed(0)} ms\n`);
  expect(stoppedAt).toBeLessThan(startedAt);
  await theLab.inside(machine, "systemctl", "start", "quarterdeck-agent.service");
  await theLab.settled();
  expect(await theLab.activeOn("only.service")).toEqual([heir]);
});

test("a machine that was frozen runs its old copy on, once it thaws, only until its fence has looked and the stop is over", async () => {
  const victim = await machineOf("only.service");
  await theLab.labOk("freeze", victim);
  const heir = await machineOf("only.service", victim);
  await theLab.labOk("thaw", victim);
  const thawnAtMs = Number(process.hrtime.bigint()) / 1e6;
  await eventually("the old copy to stop", async () => ((await isActive(victim, "only.service")) ? undefined : true), {
    withinMs: TTL_MS,
  });
  const afterMs = (await saidAtMs(victim, "only.service", STOPPED)) - thawnAtMs;
  process.stdout.write(`stopped ${afterMs.toFixed(0)} ms after the thaw was reported\n`);
  expect(afterMs).toBeLessThan(1000 + TTL_MS / 3);
  await theLab.settled();
  expect(await theLab.activeOn("only.service"), await theLab.fleetOk("why", "only.service")).toEqual([heir]);
});

test("a singleton's container goes with its killed docker client", async () => {
  await theLab.fleetOk("start", "examples/singleton.service");
  const machine = await machineOf("singleton.service");
  const containers = async () =>
    (await theLab.inside(machine, "docker", "ps", "-aq", "--filter", "name=only-box")).stdout.trim();
  await eventually("the container", async () => ((await containers()) === "" ? undefined : true), { withinMs: 20_000 });
  await theLab.inside(machine, "kill", "-9", await pidOf(machine, "singleton.service"));
  await eventually("the container to go", async () => ((await containers()) === "" ? true : undefined), {
    withinMs: 20_000,
  });
  expect(await isActive(machine, "singleton.service")).toBe(false);
});
