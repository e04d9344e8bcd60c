import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { ClusterView, EntryView, MachineView } from "./cluster-view.ts";
import { planSchedule } from "./plan-schedule.ts";
import { aMachine, at, aUnit, aView, machineId, withMachine } from "./testing/build-view.ts";
import { settleDown } from "./testing/settle-down.ts";

const NOW = at(60);
const NAME = "a.service" as UnitName;
const lost = (index: number): MachineView =>
  aMachine(index, { presence: { kind: "silent", since: at(50), graceOver: true, declaredLost: false } });
const lines = (view: ClusterView): string[] =>
  planSchedule(view, NOW).steps.map(
    (step) =>
      `${step.kind} ${step.unit} ${step.machine === null ? "-" : `m${Number(step.machine)}`} ${step.reason.code}`,
  );
const withEntries = (view: ClusterView, change: (entry: EntryView) => EntryView): ClusterView => ({
  ...view,
  entries: view.entries.map(change),
});
const unfenced = ({ entry, ...rest }: EntryView): EntryView => {
  const { singleton, ...plain } = entry;
  expect(singleton).toBe(true);
  return { ...rest, entry: plain };
};
const running = (): ClusterView =>
  settleDown(aView([aMachine(1), aMachine(2), aMachine(3)], [aUnit(NAME, { options: { singleton: true } })]), NOW);

test("the entry of a singleton says so, and no other does", () => {
  expect(running().entries.map(({ entry }) => entry.singleton)).toEqual([true]);
  const plain = settleDown(aView([aMachine(1)], [aUnit(NAME)]), NOW);
  expect(plain.entries.map(({ entry }) => "singleton" in entry)).toEqual([false]);
});

test("a lost machine's singleton is placed elsewhere, and its old copy waits for nothing when the machine is back", () => {
  const moved = settleDown(withMachine(running(), lost(1)), NOW);
  expect(moved.entries.map(({ machine, entry }) => [machine, entry.target.kind])).toEqual([
    [machineId(1), "absentAfter"],
    [machineId(2), "launched"],
  ]);
  // What is still known of the old copy is that it ran; the new one is not healthy yet.
  const back = withMachine(
    { ...moved, states: moved.states.filter(({ machine }) => machine !== machineId(2)) },
    aMachine(1),
  );
  expect(lines(back)).toEqual(["settle a.service m1 FENCED"]);
});

test("a copy that was started before the unit was a singleton is stopped and begins anew, where its machine answers", () => {
  const view = withEntries(running(), unfenced);
  expect(lines(view)).toEqual(["remove a.service m1 UNIT_CHANGED"]);
  expect(settleDown(view, NOW).entries.map(({ entry }) => entry.singleton)).toEqual([true]);
});

test("such a copy on a machine that is lost is waited for: nothing stops it there", () => {
  const view = withMachine(withEntries(running(), unfenced), lost(1));
  expect(lines(view)).toEqual([]);
  expect(planSchedule(view, NOW).holds).toMatchObject([{ unit: NAME, reason: { code: "FENCED" } }]);
});

test("nor is it replaced when it was already told to stop", () => {
  const told = withEntries(running(), (entry) => {
    const bare = unfenced(entry);
    return { ...bare, entry: { ...bare.entry, target: { kind: "absent" } } };
  });
  expect(lines(withMachine(told, lost(1))).filter((line) => line.startsWith("place"))).toEqual([]);
});

test("what its fence had to kill does not count as a failure", () => {
  const view = running();
  const failed = (code: "FENCED" | "UNIT_FAILED"): ClusterView => ({
    ...view,
    units: new Map(
      [...view.units].map(([key, unit]) => [key, { ...unit, options: { ...unit.options, reschedule: "failed" } }]),
    ),
    states: view.states.map((each) => ({
      ...each,
      state: { ...each.state, active: "failed", sub: "failed", result: "signal", problem: { code, message: "" } },
    })),
  });
  expect(lines(failed("FENCED"))).toEqual([]);
  expect(lines(failed("UNIT_FAILED"))).toEqual(["remove a.service m1 FAILED_FOR_GOOD"]);
});
