import { afterAll, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { theLab } from "./lab-handle.ts";

afterAll(async () => {
  for (const unit of [
    "global.service",
    "worker@1.service",
    "worker@2.service",
    "worker@3.service",
    "worker@.service",
    "pinned.service",
  ])
    await theLab.fleet(["destroy", unit, "--yes"]);
});

test("fleet #1072: a global unit runs once on every machine and has a row for each", async () => {
  await theLab.fleetOk("start", "examples/global.service");
  expect(await theLab.activeOn("global.service")).toEqual(["m1", "m2", "m3"]);
  const rows = (await theLab.units()).filter(({ unit }) => unit === "global.service");
  expect(new Set(rows.map(({ machine }) => machine)).size).toBe(3);
  expect(rows.every(({ active }) => active === "active")).toBe(true);
});

test("fleet #1348: instances that conflict never share a machine; the fourth has no place and the answer says why, machine by machine", async () => {
  await theLab.fleetOk("submit", "examples/worker@.service");
  await theLab.fleetOk("start", "worker@1.service", "worker@2.service", "worker@3.service");
  const rows = (await theLab.units()).filter(({ unit }) => unit.startsWith("worker@"));
  expect(new Set(rows.map(({ machine }) => machine)).size).toBe(3);

  const started = performance.now();
  const fourth = await theLab.fleet(["start", "worker@4.service"]);
  expect(fourth.code).toBe(5);
  expect(performance.now() - started).toBeLessThan(8000);
  expect(fourth.stderr).toContain("error[UNPLACEABLE]");
  for (const name of ["m1", "m2", "m3"]) expect(fourth.stderr).toContain(name);
  const why = await theLab.fleet(["why", "worker@4.service"]);
  expect(why.stdout).toMatch(/worker@1\.service|onflict/);
  await theLab.fleetOk("destroy", "worker@4.service");
});

test("a stopped unit stays loaded, an unloaded one leaves the machine, a destroyed one is gone", async () => {
  await theLab.fleetOk("stop", "worker@1.service");
  expect(await theLab.activeOn("worker@1.service")).toEqual([]);
  const loaded = (await theLab.units()).find(({ unit }) => unit === "worker@1.service");
  expect(loaded).toMatchObject({ load: "loaded", active: "inactive" });
  await theLab.fleetOk("unload", "worker@1.service");
  expect((await theLab.units()).some(({ unit }) => unit === "worker@1.service")).toBe(false);
  await theLab.fleetOk("destroy", "worker@1.service");
  const cat = await theLab.fleet(["cat", "worker@1.service"]);
  expect(cat.code).toBe(3);
});

test("fleet #1131: destroy and start of one name, over and over, always ends with the unit running", async () => {
  for (let round = 0; round < 5; round += 1) {
    await theLab.fleetOk("destroy", "worker@2.service");
    await theLab.fleetOk("start", "worker@2.service");
    expect(await theLab.activeOn("worker@2.service")).toHaveLength(1);
  }
});

test("fleet #1086: SIGKILL of an agent and its restart leave every unit as it was", async () => {
  const at = async (name: string) =>
    (
      await theLab.inside(name, "systemctl", "show", "-P", "ActiveEnterTimestampMonotonic", "global.service")
    ).stdout.trim();
  const pidOf = async () =>
    (await theLab.inside("m2", "systemctl", "show", "-P", "MainPID", "quarterdeck-agent.service")).stdout.trim();
  const [before, agent] = [await at("m2"), await pidOf()];
  expect(before).toMatch(/^[1-9]\d+$/);
  await theLab.inside("m2", "kill", "-9", agent);
  await eventually(
    "a new agent",
    async () => {
      const pid = await pidOf();
      return pid !== agent && pid !== "0" ? pid : undefined;
    },
    { withinMs: 20_000 },
  );
  await theLab.settled();
  expect(await at("m2")).toBe(before);
});
