import type { UnitName } from "@quarterdeck/model";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { ClusterView } from "./cluster-view.ts";
import { planSchedule } from "./plan-schedule.ts";
import { repeatPlan } from "./repeat-plan.ts";
import { actAsAgent } from "./testing/act-as-agent.ts";
import { applySteps } from "./testing/apply-steps.ts";
import { someHistory } from "./testing/arbitrary-cluster.ts";
import { aMachine, at, aUnit, aView, machineId, withMachine } from "./testing/build-view.ts";
import { DONE, endCopies, FAILED } from "./testing/end-copies.ts";
import { playEvents } from "./testing/play-events.ts";
import { settleDown } from "./testing/settle-down.ts";

const RUNS = 80;
// A limit by the work and not by the clock: at five seconds a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 5_000 });

test("property: a plan that is repeated is the plan that would be made, whatever has happened since", () => {
  let repeated = 0;
  let afterStates = 0;
  const check = (before: ClusterView, after: ClusterView, seconds: readonly [number, number]): void => {
    const [then, now] = [at(seconds[0]), at(seconds[1])];
    const again = repeatPlan({ view: before, now: then, plan: planSchedule(before, then) }, after, now);
    if (again === null) return;
    repeated += 1;
    if (before.states !== after.states) afterStates += 1;
    expect(again).toEqual(planSchedule(after, now));
  };
  fc.assert(
    fc.property(someHistory(), ({ size, events }) => {
      const machines = Array.from({ length: size }, (_, index) =>
        aMachine(index + 1, { metadata: { role: index % 3 === 2 ? "db" : "worker" } }),
      );
      let last: ClusterView | null = null;
      const end = playEvents(aView(machines), events, ({ before }) => {
        if (last !== null) check(last, before, [1000, 1001]);
        last = before;
      });
      const back = [...end.machines.values()].reduce(
        (view, machine) => withMachine(view, { ...machine, presence: { kind: "present" } }),
        { ...end, mayActOnLosses: true },
      );
      const calm = settleDown(back, at(100_000));
      check(calm, calm, [100_000, 999_999]);
      for (const unit of calm.units.keys())
        for (const how of [FAILED, DONE]) check(calm, endCopies(calm, unit, how), [100_000, 100_001]);
      for (const machine of calm.machines.keys())
        check(calm, actAsAgent(calm, machine, { now: at(100_001), rebooted: true }), [100_000, 100_001]);
    }),
    { numRuns: RUNS },
  );
  // It would say nothing if it never came to that.
  expect(repeated).toBeGreaterThan(80);
  expect(afterStates).toBeGreaterThan(40);
});

describe("a plan of a cluster at rest", () => {
  const units = [aUnit("a.service"), aUnit("f.service", { incarnation: 2, options: { reschedule: "failed" } })];
  const view = settleDown(aView([aMachine(1), aMachine(2)], units), at(0));
  const plan = planSchedule(view, at(10));
  const repeat = (after: ClusterView, seconds = 20) => repeatPlan({ view, now: at(10), plan }, after, at(seconds));
  const failed = (name: string): ClusterView => endCopies(view, name as UnitName, FAILED);

  test("holds while nothing changes, and when a unit fails that is left where it fails", () => {
    expect(repeat(view)).toBe(plan);
    expect(repeat({ ...view })).toBe(plan);
    expect(repeat(failed("a.service"))).toBe(plan);
  });

  test.each<readonly [string, ClusterView]>([
    ["a unit fails that is moved then", failed("f.service")],
    ["a machine falls silent", withMachine(view, aMachine(2, { presence: aSilence() }))],
    ["the schedule changes", { ...view, entries: [...view.entries] }],
    ["the units change", { ...view, units: new Map(view.units) }],
    ["the leader may act on losses", { ...view, mayActOnLosses: false }],
    ["a unit is being moved", { ...view, movedFrom: new Map([["a.service" as UnitName, machineId(1)]]) }],
  ])("is made anew when %s", (_, after) => {
    expect(repeat(after)).toBeNull();
  });

  test("is made anew when an agent says that a copy is gone", () => {
    const worker = { global: true, machineMetadata: [{ key: "role", values: ["worker"] }] };
    const everywhere = settleDown(aView([aMachine(1), aMachine(2)], [aUnit("g.service", { options: worker })]), at(0));
    const relabelled = withMachine(everywhere, aMachine(2, { metadata: { role: "db" } }));
    const stopping = applySteps(relabelled, planSchedule(relabelled, at(1)).steps);
    const waits = { view: stopping, now: at(2), plan: planSchedule(stopping, at(2)) };
    expect(repeatPlan(waits, stopping, at(3))).toBe(waits.plan);
    expect(repeatPlan(waits, actAsAgent(stopping, machineId(2), { now: at(3) }), at(3))).toBeNull();
  });

  test("is made anew when it is due, when the clock was set back, and when there was something to do", () => {
    const due = { view, now: at(10), plan: { ...plan, wakeAt: at(30) } };
    expect(repeatPlan(due, view, at(29))).toBe(due.plan);
    expect(repeatPlan(due, view, at(30))).toBeNull();
    expect(repeat(view, 9)).toBeNull();
    const empty = aView([aMachine(1)], units);
    expect(repeatPlan({ view: empty, now: at(0), plan: planSchedule(empty, at(0)) }, empty, at(1))).toBeNull();
  });
});

function aSilence() {
  return { kind: "silent" as const, since: at(15), graceOver: false, declaredLost: false };
}
