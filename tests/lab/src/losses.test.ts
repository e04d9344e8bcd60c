import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { theLab } from "./lab-handle.ts";

/** Where each unit is active, as the cluster reports it. */
const placement = async () =>
  Object.fromEntries(
    (await theLab.units())
      .filter(({ active }) => active === "active")
      .map(({ unit, machine }) => [unit, machine] as const),
  );

/** Since when the unit's process has been running, with the machine it runs on. */
async function startedAt(unit: string): Promise<string> {
  const [name] = await theLab.activeOn(unit);
  if (name === undefined) throw new Error(`${unit} is active nowhere`);
  const { stdout } = await theLab.inside(name, "systemctl", "show", "-P", "ActiveEnterTimestampMonotonic", unit);
  return `${name} ${stdout.trim()}`;
}

beforeAll(async () => {
  await theLab.settled();
  await theLab.fleetOk("submit", "examples/worker@.service");
  await theLab.fleetOk("start", "hello.service", "worker@11.service", "worker@12.service");
});

afterAll(async () => {
  for (const name of ["m1", "m2", "m3"]) await theLab.lab(["boot", name]);
  for (const unit of ["worker@11.service", "worker@12.service", "worker@.service"])
    await theLab.fleet(["destroy", unit]);
  await theLab.fleet(["stop", "hello.service"]);
});

test("a killed machine's units run elsewhere within lease, grace and start; when it is back nothing else moves", async () => {
  const victim = (await theLab.activeOn("hello.service"))[0] ?? "";
  const victimId = (await theLab.machines()).find(({ name }) => name === victim)?.machine;
  const lostUnits = Object.entries(await placement())
    .filter(([, machine]) => machine === victimId)
    .map(([unit]) => unit);
  expect(lostUnits).toContain("hello.service");
  const others = Object.entries(await placement()).filter(
    ([unit, machine]) => machine !== victimId && !unit.startsWith("web@"),
  );

  const killedAt = performance.now();
  await theLab.labOk("kill", victim);
  await eventually(
    "hello.service elsewhere",
    async () => {
      const machine = (await placement())["hello.service"];
      return machine !== undefined && machine !== victimId ? machine : undefined;
    },
    { withinMs: 40_000 },
  );
  const movedAfterMs = performance.now() - killedAt;
  process.stdout.write(`moved ${(movedAfterMs / 1000).toFixed(1)} s after the power cut\n`);
  // Lease 10 s + grace 1 s + start, two election timeouts (1 s) when it led etcd, a term of etcd that renews every lease.
  expect(movedAfterMs).toBeLessThan(25_000);
  const meanwhile = await placement();
  for (const [unit, machine] of others) expect(meanwhile[unit], unit).toBe(machine);

  await theLab.labOk("boot", victim);
  await theLab.settled(90_000);
  const after = await placement();
  for (const [unit, machine] of Object.entries(meanwhile)) expect(after[unit], unit).toBe(machine);
  expect(await theLab.activeOn("hello.service")).toHaveLength(1);
});

test("fleet #1289: killing the etcd leader, the engine leader and a bot stops no unit", async () => {
  await theLab.settled(90_000);
  const units = ["hello.service", "worker@11.service", "worker@12.service"];
  const before = await Promise.all(units.map(startedAt));
  const status = await theLab.status();

  const kill = async (name: string, service: string) => {
    const pid = (await theLab.inside(name, "systemctl", "show", "-P", "MainPID", service)).stdout.trim();
    expect(pid, `${service} on ${name}`).toMatch(/^[1-9]/);
    expect(await theLab.inside(name, "kill", "-9", pid)).toMatchObject({ code: 0 });
  };
  const etcdLeader = status.etcd.leader ?? "";
  await kill(etcdLeader.startsWith("m") ? etcdLeader : "m1", "quarterdeck-etcd.service");
  await kill(status.engine.leader?.hostname ?? "", "quarterdeck-engine.service");
  const bot = (await theLab.activeOn("quarterdeck-bot@1.service"))[0] ?? "";
  await kill(bot, "quarterdeck-bot@1.service");

  // Longer than lease and grace together: what had to be noticed has been by then.
  await theLab.settled(60_000);
  const until = performance.now() + 15_000;
  await eventually(
    "fifteen seconds of calm",
    async () => ((await theLab.settled()) !== undefined && performance.now() > until ? true : undefined),
    {
      withinMs: 60_000,
      everyMs: 1000,
    },
  );
  expect(await Promise.all(units.map(startedAt))).toEqual(before);
});

test("a machine that is cut off keeps its units running and stops nothing when it is healed", async () => {
  await theLab.settled(90_000);
  const name = (await theLab.activeOn("worker@11.service"))[0] ?? "";
  const started = await startedAt("worker@11.service");
  await theLab.labOk("cut", name);
  // Shorter than the lease: nobody may notice.
  await eventually(
    "the cut to last",
    async () =>
      (await theLab.inside(name, "systemctl", "is-active", "worker@11.service")).stdout.trim() === "active" ||
      undefined,
    {
      withinMs: 5000,
    },
  );
  await theLab.labOk("heal", name);
  await theLab.settled(60_000);
  expect(await startedAt("worker@11.service")).toBe(started);
});
