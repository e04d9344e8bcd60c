import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { ClusterView } from "./cluster-view.ts";
import { planSchedule } from "./plan-schedule.ts";
import { actAsAgent } from "./testing/act-as-agent.ts";
import { applySteps } from "./testing/apply-steps.ts";
import { aMachine, at, aUnit, aView, machineId, withMachine, withUnit } from "./testing/build-view.ts";

const JOB = "job.service" as UnitName;
const runOnce = { options: { runOnce: true, memoryReserveMiB: 700 } };
const machines = [aMachine(1, { memoryMiB: 1000 }), aMachine(2, { memoryMiB: 1000 })];
const pass = (view: ClusterView, seconds = 5): ClusterView => applySteps(view, planSchedule(view, at(seconds)).steps);
const act = (view: ClusterView, behaviour: "done" | "well" | "failed", rebooted = false): ClusterView =>
  actAsAgent(view, machineId(1), { now: at(6), rebooted, behaviourOf: () => behaviour });
const lost = (view: ClusterView): ClusterView =>
  withMachine(
    view,
    aMachine(1, { memoryMiB: 1000, presence: { kind: "silent", since: at(7), graceOver: true, declaredLost: false } }),
  );
const targets = (view: ClusterView): string[] =>
  view.entries.map(({ machine, entry }) => `m${Number(machine)} ${entry.target.kind}`);

const placed = pass(aView(machines, [aUnit(JOB, runOnce)]));
const ended = act(placed, "done");
const done = pass(ended);

test("a job that succeeded is written down with its end, and its entry starts it no more", () => {
  expect(targets(done)).toEqual(["m1 loaded"]);
  expect(done.statuses.get(JOB)).toMatchObject({
    phase: "placed",
    reason: { code: "RUN_ONCE_DONE", text: "job.service has done its job on m1" },
    outcome: { generation: 1, machine: machineId(1), at: at(5) },
  });
  expect(planSchedule(done, at(9)).steps).toEqual([]);
});

test("fleet #562: it is not run again after a boot, nor after the loss of its machine, even when the engine has not written its end down yet", () => {
  const booted = act(done, "well", true);
  expect(booted.states.map(({ state }) => state.active)).toEqual(["inactive"]);
  for (const view of [done, ended])
    expect(planSchedule(lost(view), at(9)).steps.map(({ kind }) => kind)).toEqual([
      view === done ? "record" : "update",
    ]);
  expect(targets(pass(lost(ended)))).toEqual(["m1 loaded"]);
});

test("it gives up what it had reserved", () => {
  const other = aUnit("other.service", { incarnation: 2, options: { memoryReserveMiB: 700, machineId: machineId(1) } });
  expect(planSchedule(withUnit(placed, other), at(9)).steps.map(({ kind }) => kind)).toContain("unplaceable");
  expect(planSchedule(withUnit(done, other), at(9)).steps).toMatchObject([{ kind: "place", unit: "other.service" }]);
});

test("a new generation is a new job", () => {
  const again = withUnit(done, aUnit(JOB, { ...runOnce, unit: { generation: 2 } }));
  expect(planSchedule(again, at(9)).steps).toMatchObject([
    { kind: "update", entry: { generation: 2, target: { kind: "launched" } } },
  ]);
});

test.each([
  ["runs", act(placed, "well")],
  ["has failed", act(placed, "failed")],
  ["was never acted on", placed],
  [
    "is being started again after a boot",
    { ...ended, states: ended.states.map((known) => ({ ...known, state: { ...known.state, entryRevision: null } })) },
  ],
  [
    "was refused by its agent",
    {
      ...ended,
      states: ended.states.map((known) => ({
        ...known,
        state: { ...known.state, problem: { code: "FAILED" as const, message: "no" } },
      })),
    },
  ],
])("a job that %s is not done", (_, view) => {
  expect(targets(pass(view))).toEqual(["m1 launched"]);
  expect(pass(view).statuses.get(JOB)?.outcome).toBeUndefined();
});

test("a job that runs when its machine is lost is run again elsewhere; when both ended, the old copy goes", () => {
  const moved = pass(lost(act(placed, "well")));
  expect(targets(moved).toSorted()).toEqual(["m1 absentAfter", "m2 launched"]);
  const ended2 = actAsAgent(moved, machineId(2), { now: at(8), behaviourOf: () => "done" });
  const back = withMachine(ended2, aMachine(1, { memoryMiB: 1000 }));
  expect(targets(pass(back)).toSorted()).toEqual(["m1 absent", "m2 loaded"]);
});

test.each([
  ["its machine does not fit any more", {}, { metadata: {} }, "CONSTRAINT_BROKEN"],
  ["it has become a singleton", { singleton: true }, {}, "UNIT_CHANGED"],
] as const)(
  "a job whose end is seen when %s is stopped with its end written down, and not run again",
  (_, options, machine, code) => {
    const rules = { machineMetadata: [{ key: "role", values: ["worker"] }] };
    const job = aUnit(JOB, { options: { ...runOnce.options, ...rules } });
    const over = act(pass(aView(machines, [job])), "done");
    const changed = { ...job, options: { ...job.options, ...options } };
    const stopped = pass(withUnit(withMachine(over, aMachine(1, { memoryMiB: 1000, ...machine })), changed));
    expect(stopped.entries.map(({ entry }) => [entry.target.kind, entry.reason.code])).toEqual([["absent", code]]);
    expect(stopped.statuses.get(JOB)?.outcome).toMatchObject({ generation: 1, machine: machineId(1) });
    const rests = [1, 2, 3].reduce((view) => pass(actAsAgent(view, machineId(1), { now: at(8) })), stopped);
    expect(targets(rests)).toEqual([code === "UNIT_CHANGED" ? "m1 loaded" : "m2 loaded"]);
    expect(planSchedule(rests, at(9)).steps).toEqual([]);
  },
);
