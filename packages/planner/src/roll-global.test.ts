import type { MachineId, Sha256, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { ClusterView } from "./cluster-view.ts";
import { planSchedule } from "./plan-schedule.ts";
import { actAsAgent, type Behaviour } from "./testing/act-as-agent.ts";
import { applySteps } from "./testing/apply-steps.ts";
import { aMachine, at, aUnit, aView, machineId, withMachine, withUnit } from "./testing/build-view.ts";
import { settleDown } from "./testing/settle-down.ts";

const NOW = at(60);
const GLOBAL = "g.service" as UnitName;
const five = [1, 2, 3, 4, 5].map((index) => aMachine(index));
const g = aUnit(GLOBAL, { options: { global: true } });
const changed = aUnit(GLOBAL, {
  options: { global: true },
  unit: { hash: "b".repeat(64) as Sha256, generation: 2 },
});

/** Everywhere well, by its old text; then its text changes. */
const before = withUnit(settleDown(aView(five, [g]), NOW), changed);

const updated = (view: ClusterView): readonly string[] =>
  view.entries.filter(({ entry }) => entry.generation === 2).map(({ machine }) => `m${Number(machine)}`);

const activeCopies = (view: ClusterView): number => view.states.filter(({ state }) => state.active === "active").length;

function pass(view: ClusterView, behaviourOf: (machine: MachineId) => Behaviour = () => "well"): ClusterView {
  let next = applySteps(view, planSchedule(view, NOW).steps);
  for (const { machine } of next.machines.values())
    next = actAsAgent(next, machine, { now: NOW, behaviourOf: () => behaviourOf(machine) });
  return next;
}

test("fleet #960: a Global unit that changed is changed on one machine after another, and at least four of five are active", () => {
  let view = before;
  for (let count = 1; count <= 5; count += 1) {
    const told = applySteps(view, planSchedule(view, NOW).steps);
    expect(updated(told)).toHaveLength(count);
    // Until the agent has reported, nothing further is planned.
    expect(planSchedule(told, NOW).steps).toEqual([]);
    view = pass(view);
    expect(activeCopies(view)).toBe(5);
  }
  expect(planSchedule(view, NOW).steps).toEqual([]);
  expect(planSchedule(view, NOW).holds).toEqual([]);
});

test.each(["failed", "sick", "starting"] as const)(
  "fleet #960: it pauses at the first copy that is %s, and says on which machine",
  (behaviour) => {
    let view = before;
    for (let count = 0; count < 6; count += 1)
      view = pass(view, (machine) => (machine === machineId(2) ? behaviour : "well"));
    expect(updated(view)).toEqual(["m1", "m2"]);
    expect(planSchedule(view, NOW)).toMatchObject({
      steps: [],
      holds: [3, 4, 5].map((index) => ({
        machine: machineId(index),
        reason: { code: "ROLLOUT_WAITING", text: expect.stringContaining("do well on m2 first") },
      })),
    });
  },
);

test("a copy that failed before does not keep the others from being changed, and is changed last", () => {
  const states = before.states.map((one) =>
    one.machine === machineId(1) ? { ...one, state: { ...one.state, active: "failed" as const } } : one,
  );
  let view: ClusterView = { ...before, states };
  for (let count = 0; count < 4; count += 1) view = pass(view);
  expect(updated(view)).toEqual(["m2", "m3", "m4", "m5"]);
  expect(updated(pass(view))).toHaveLength(5);
});

test("a machine that does not answer is told at once and holds nobody up", () => {
  const silent = withMachine(
    before,
    aMachine(3, { presence: { kind: "silent", since: at(59), graceOver: false, declaredLost: false } }),
  );
  expect(updated(applySteps(silent, planSchedule(silent, NOW).steps))).toEqual(["m1", "m3"]);
});

test("what is stopped or only loaded is changed everywhere at once", () => {
  const loaded = withUnit(before, { ...changed, unit: { ...changed.unit, target: "loaded" } });
  expect(planSchedule(loaded, NOW).steps).toHaveLength(5);
});
