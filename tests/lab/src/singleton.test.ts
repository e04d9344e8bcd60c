import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { theLab } from "./lab-handle.ts";

const FILES = {
  "only.service": "[Service]\nExecStart=/usr/bin/sleep infinity\nRestart=always\n[X-Fleet]\nSingleton=true\n",
  "beside-only.service": "[Service]\nExecStart=/usr/bin/sleep infinity\n[X-Fleet]\nMachineOf=only.service\n",
};
const UNITS = [...Object.keys(FILES), "singleton.service"];
/** Of the lease; see docs/protocol.md "The fence" for what follows from it. */
const TTL_MS = 10_000;

/** Of the clock that all machines of the lab share with this computer. */
async function stampMs(machine: string, unit: string, property: string): Promise<number> {
  const { stdout } = await theLab.inside(machine, "systemctl", "show", "-P", `${property}Monotonic`, unit);
  return Number(stdout.trim()) / 1000;
}

const isActive = async (machine: string, unit: string): Promise<boolean> =>
  (await theLab.inside(machine, "systemctl", "is-active", unit)).stdout.trim() === "active";

const machineOf = (unit: string, except = "") =>
  eventually(`${unit} to run${except === "" ? "" : ` elsewhere than on ${except}`}`, () => activeApartFrom(unit, except), {
    withinMs: 40_000,
  });

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

afterAll(async () => {
  await theLab.lab(["heal"]);
  for (const unit of UNITS) await theLab.fleet(["destroy", unit]);
  rmSync(dir, { recursive: true, force: true });
});

test("a cut-off machine's singleton has stopped there before it starts elsewhere; what is no singleton goes on there", async () => {
  const victim = await machineOf("only.service");
  await theLab.labOk("cut", victim);
  const cutAtMs = performance.now();
  const heir = await machineOf("only.service", victim);
  expect(await isActive(victim, "only.service")).toBe(false);
  expect(await isActive(victim, "beside-only.service")).toBe(true);
  const stoppedAt = await stampMs(victim, "only.service", "InactiveEnterTimestamp");
  const startedAt = await stampMs(heir, "only.service", "ActiveEnterTimestamp");
  process.stdout.write(
    `stopped ${(startedAt - stoppedAt).toFixed(0)} ms before the start elsewhere, which came ${(performance.now() - cutAtMs).toFixed(0)} ms after the cut\n`,
  );
  expect(stoppedAt).toBeGreaterThan(0);
  // What the stop may take, and the engine's grace, lie between the two when it stops at once.
  expect(startedAt - stoppedAt).toBeGreaterThan(TTL_MS / 3);

  await theLab.labOk("heal", victim);
  await theLab.settled();
  expect(await theLab.activeOn("only.service")).toEqual([heir]);
});

test("an agent that is killed and comes back takes the fence over; without one the singleton stops in time", async () => {
  const machine = await machineOf("only.service");
  const before = await stampMs(machine, "only.service", "ActiveEnterTimestamp");
  const fence = await pidOf(machine, "quarterdeck-fence.service");
  const { stdout: memory } = await theLab.inside(machine, "grep", "-E", "VmRSS|RssAnon", `/proc/${fence}/status`);
  process.stdout.write(`the fence holds ${memory.replaceAll(/\s+/g, " ")}\n`);
  await theLab.inside(machine, "kill", "-9", await pidOf(machine, "quarterdeck-agent.service"));
  const killedAtMs = performance.now();
  // Longer than the fence holds by itself.
  await eventually(
    "the fence to hold",
    async () => (performance.now() - killedAtMs > TTL_MS || !(await isActive(machine, "only.service"))) || undefined,
    { withinMs: 2 * TTL_MS },
  );
  expect(await stampMs(machine, "only.service", "ActiveEnterTimestamp")).toBe(before);
  expect(await theLab.activeOn("only.service")).toEqual([machine]);

  await theLab.inside(machine, "systemctl", "stop", "quarterdeck-agent.service");
  const deadAt = await stampMs(machine, "quarterdeck-agent.service", "InactiveEnterTimestamp");
  const heir = await machineOf("only.service", machine);
  const stoppedAt = await stampMs(machine, "only.service", "InactiveEnterTimestamp");
  const startedAt = await stampMs(heir, "only.service", "ActiveEnterTimestamp");
  process.stdout.write(`without an agent: stopped after ${(stoppedAt - deadAt).toFixed(0)} ms\n`);
  expect(stoppedAt).toBeLessThan(startedAt);
  await theLab.inside(machine, "systemctl", "start", "quarterdeck-agent.service");
  await theLab.settled();
  expect(await theLab.activeOn("only.service")).toEqual([heir]);
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
