import { expect, test } from "vitest";
import type { ClusterView, MachineView } from "./cluster-view.ts";
import { planSchedule } from "./plan-schedule.ts";
import { aMachine, at, aUnit, aView, machineId, withMachine } from "./testing/build-view.ts";
import { settleDown } from "./testing/settle-down.ts";

const NOW = at(60);
const silent = (index: number, zone: string, since = 50): MachineView =>
  aMachine(index, { zone, presence: { kind: "silent", since: at(since), graceOver: true, declaredLost: false } });
const machines = (count: number): readonly MachineView[] =>
  Array.from({ length: count }, (_, index) => aMachine(index + 1));
const withMachines = (view: ClusterView, changed: readonly MachineView[]): ClusterView =>
  changed.reduce(withMachine, view);

test("a release holds for the machines that were gone then; as many others that are lost later brake again", () => {
  const gone = [silent(1, "z1"), silent(2, "z2"), silent(3, "z1"), silent(4, "z2")];
  const looked: ClusterView = {
    ...withMachines(aView(machines(6)), gone),
    brakeReleased: new Set([machineId(1), machineId(2)]),
  };
  const plan = planSchedule(looked, NOW);
  expect(plan.brake?.text).toContain("2 of 4 machines are silent in 2 zones");
  expect(planSchedule(withMachine(looked, aMachine(4)), NOW)).toMatchObject({
    brake: null,
    lost: [1, 2, 3].map(machineId),
  });
});

test("losses in several zones are declared a few at a time, those that fell silent first before the others", () => {
  const gone = [silent(1, "z1", 50), silent(2, "z2", 40), silent(3, "z2", 55)];
  const view: ClusterView = { ...withMachines(aView(machines(20)), gone), lossBudget: 1 };
  expect(planSchedule(view, NOW).lost).toEqual([machineId(2)]);
  expect(planSchedule({ ...view, lossBudget: 0 }, NOW).lost).toEqual([]);
  expect(planSchedule({ ...view, lossBudget: 2 }, NOW).lost).toEqual([machineId(1), machineId(2)]);
});

test("what is held for the pace says so", () => {
  const units = [aUnit("a.service", { options: { machineId: machineId(1) } })];
  const calm = settleDown(aView(machines(20), units), NOW);
  const view: ClusterView = { ...withMachines(calm, [silent(1, "z1"), silent(2, "z2", 40)]), lossBudget: 1 };
  expect(planSchedule(view, NOW).holds).toMatchObject([{ unit: "a.service", reason: { code: "LOSSES_PACED" } }]);
});

test("a zone that is lost is lost at once", () => {
  const view = withMachines(
    aView(machines(20)),
    [1, 2, 3].map((index) => silent(index, "z1")),
  );
  expect(planSchedule({ ...view, lossBudget: 1 }, NOW).lost).toHaveLength(3);
});

test("units with System=true are moved off machines that the brake holds for everybody else", () => {
  const units = ["bot.service", "web.service"].map((name, index) =>
    aUnit(name, { incarnation: index + 1, options: { system: name === "bot.service" } }),
  );
  const calm = settleDown(aView(machines(3), units), NOW);
  const view = withMachines(calm, [silent(1, "z1"), silent(2, "z2")]);
  const plan = planSchedule(view, NOW);
  expect(plan.brake).not.toBeNull();
  expect(plan.steps).toMatchObject([{ kind: "replaceLost", unit: "bot.service", machine: machineId(3) }]);
});
