import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { ClusterView, MachineView, UnitView } from "./cluster-view.ts";
import { planRelocation } from "./plan-relocation.ts";
import { aMachine, at, aUnit, aView, machineId, withMachine, withUnit } from "./testing/build-view.ts";
import { DONE, endCopies } from "./testing/end-copies.ts";
import { anOrder, playRelocation } from "./testing/play-relocation.ts";
import { settleDown } from "./testing/settle-down.ts";

const NOW = at(60);
const JOB = "job.service" as UnitName;

const settled = (machines: readonly MachineView[], units: readonly UnitView[]): ClusterView =>
  settleDown(aView(machines, units), NOW);
const done = (view: ClusterView): ClusterView => settleDown(endCopies(view, JOB, DONE), NOW);
const drainFirst = (view: ClusterView) => {
  const cordoned = [...view.machines.values()].find(({ hostname }) => hostname === "m1") ?? aMachine(1);
  return playRelocation(withMachine(view, { ...cordoned, cordoned: true }), anOrder(cordoned.machine), { now: NOW });
};
const placesOf = (view: ClusterView): Readonly<Record<string, string>> =>
  Object.fromEntries(
    view.entries
      .toSorted((left, right) => (left.unit < right.unit ? -1 : 1))
      .map(({ unit, machine }) => [unit.replace(".service", ""), `m${Number(machine)}`]),
  );
const on = (machine: number) => ({ machineId: machineId(machine) });

test("a job that is done takes no room where a drain could go, as little as for the placing", () => {
  const size = { memoryMiB: 1000 };
  const job = aUnit(JOB, { options: { runOnce: true, memoryReserveMiB: 700, ...on(2) } });
  const other = aUnit("other.service", { incarnation: 2, options: { memoryReserveMiB: 700 } });
  const view = done(settled([aMachine(1, size), aMachine(2, size)], [job, other]));
  expect(placesOf(view)).toEqual({ job: "m2", other: "m1" });
  const { view: after, relocation } = drainFirst(view);
  expect(relocation).toMatchObject({ state: "done", moves: [{ state: "done", to: machineId(2) }] });
  expect(placesOf(after)).toEqual({ job: "m2", other: "m2" });
});

test("a unit that is stopped first comes where its move said, though a job is done on a machine as good", () => {
  const job = aUnit(JOB, { options: { runOnce: true, ...on(2) } });
  const single = aUnit("single.service", { incarnation: 2, options: { singleton: true } });
  const view = done(settled([aMachine(1), aMachine(2), aMachine(3)], [job, single]));
  expect(placesOf(view)).toEqual({ job: "m2", single: "m1" });
  const { view: after, relocation } = drainFirst(view);
  expect(relocation.moves).toMatchObject([{ order: "stop-first", state: "done", to: machineId(2) }]);
  expect(placesOf(after)).toEqual({ job: "m2", single: "m2" });
});

test("a rebalance counts no jobs that are done, and moves none", () => {
  const jobs = ["job.service", "other-job.service"].map((name, index) =>
    aUnit(name, { incarnation: index + 1, options: { runOnce: true } }),
  );
  const here = settled([aMachine(1)], [...jobs, aUnit("web.service", { incarnation: 3, options: on(1) })]);
  const ended = settleDown(endCopies(done(here), "other-job.service" as UnitName, DONE), NOW);
  expect(planRelocation(anOrder(null), withMachine(ended, aMachine(2)), NOW).relocation.moves).toEqual([]);
  const full = settleDown(withUnit(ended, aUnit("api.service", { incarnation: 4, options: on(1) })), NOW);
  expect(planRelocation(anOrder(null), withMachine(full, aMachine(2)), NOW).relocation.moves).toEqual([]);
});

test("who follows a job that is done goes with it where it is moved, though Conflicts= would keep them apart while it runs", () => {
  const job = aUnit(JOB, { options: { runOnce: true, conflicts: ["side.service"] } });
  const fast = { metadata: { role: "worker", disk: "ssd" } };
  const side = aUnit("side.service", {
    incarnation: 2,
    options: { machineOf: [JOB], machineMetadata: [{ key: "disk", values: ["ssd"] }] },
  });
  const view = settleDown(withUnit(done(settled([aMachine(1, fast)], [job])), side), NOW);
  expect(placesOf(view)).toEqual({ job: "m1", side: "m1" });
  const { view: after, relocation } = drainFirst([aMachine(2), aMachine(3, fast)].reduce(withMachine, view));
  expect(relocation).toMatchObject({ state: "done", moves: [{ state: "done", units: [JOB, "side.service"] }] });
  expect(placesOf(after)).toEqual({ job: "m3", side: "m3" });
});

test("what a move has stopped together comes together, though who ties it together has no place", () => {
  const single = { singleton: true };
  const tie = aUnit("tie.service", {
    incarnation: 3,
    options: { machineOf: ["a.service", "b.service", "missing.service"] as UnitName[] },
  });
  const units = [aUnit("a.service", { options: single }), aUnit("b.service", { incarnation: 2, options: single }), tie];
  const view = [2, 3, 4].reduce(
    (current, index) => withMachine(current, aMachine(index)),
    settled([aMachine(1)], units),
  );
  const { view: after, relocation } = drainFirst(view);
  expect(relocation.moves).toMatchObject([{ units: ["a.service", "b.service"], state: "done", to: machineId(2) }]);
  expect(placesOf(after)).toEqual({ a: "m2", b: "m2" });
});
