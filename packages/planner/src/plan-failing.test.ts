import type { MachineId, UnitName } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import type { ClusterView, MachinePresence } from "./cluster-view.ts";
import { planSchedule } from "./plan-schedule.ts";
import { actAsAgent, type Behaviour } from "./testing/act-as-agent.ts";
import { applySteps } from "./testing/apply-steps.ts";
import {
  aMachine,
  at,
  aUnit,
  aView,
  machineId,
  withMachine,
  withUnit,
  type UnitChanges,
} from "./testing/build-view.ts";

const A = "a.service" as UnitName;
const failing: UnitChanges["options"] = { reschedule: "failed" };

/** Engine and agents in turn at one moment, until nothing changes; every start of `a.service` goes as told. */
function settle(view: ClusterView, seconds: number, behaviour: Behaviour = "failed"): ClusterView {
  let current = view;
  for (let turn = 0; turn < 10; turn += 1) {
    const { steps } = planSchedule(current, at(seconds));
    current = applySteps(current, steps);
    for (const { machine, presence } of current.machines.values())
      if (presence.kind === "present")
        current = actAsAgent(current, machine, {
          now: at(seconds),
          behaviourOf: (unit) => (unit === A ? behaviour : "well"),
        });
  }
  return current;
}
const whereIs = (view: ClusterView): readonly number[] =>
  view.entries
    .filter(({ unit, entry }) => unit === A && entry.target.kind === "launched")
    .map(({ machine }) => Number(machine));
const plan = (view: ClusterView, seconds: number) => planSchedule(view, at(seconds));
const three = (options: UnitChanges["options"] = failing): ClusterView =>
  aView([aMachine(1), aMachine(2), aMachine(3)], [aUnit(A, { options: options ?? {} })]);
const turn = (view: ClusterView, machine: MachineId, presence: MachinePresence): ClusterView => {
  const known = view.machines.get(machine);
  return known === undefined ? view : withMachine(view, { ...known, presence });
};
const lose = (view: ClusterView, index: number): ClusterView =>
  turn(view, machineId(index), { kind: "silent", since: at(0), graceOver: true, declaredLost: false });

describe("Reschedule=failed", () => {
  test("fleet #1339: moves at once what failed for good, and says so in its status and in the entry that stops it", () => {
    const placed = applySteps(three(), plan(three(), 0).steps);
    const failed = actAsAgent(placed, machineId(1), { now: at(1), behaviourOf: () => "failed" });
    const [step] = plan(failed, 2).steps;
    expect(step).toMatchObject({
      kind: "remove",
      machine: machineId(1),
      reason: {
        code: "FAILED_FOR_GOOD",
        text: "a.service failed for good on m1 (exit-code), and Reschedule=failed moves it: move 1",
      },
      status: {
        phase: "unplaced",
        lastMachine: machineId(1),
        failures: { count: 1, machines: [machineId(1)], at: at(2) },
      },
    });
    const moved = settle(failed, 2, "well");
    expect(whereIs(moved)).toEqual([2]);
    expect(moved.entries[0]?.entry.reason).toEqual({
      code: "FAILED_FOR_GOOD",
      text: "a.service failed for good on m1 and goes to m2 (m2 has the fewest units (0) of those that may take it)",
    });
    expect(moved.statuses.get(A)?.failures?.count).toBe(1);
  });

  test("fleet #1339: waits 10 s before the second move and twice as long before each further one, up to ten minutes", () => {
    let view = settle(three(), 0);
    let now = 0;
    const waits: number[] = [];
    for (let move = 0; move < 9; move += 1) {
      const { wakeAt, holds, steps } = plan(view, now);
      expect([steps.length, holds.map(({ reason }) => reason.code)]).toEqual([0, ["WAITS_FOR_BACKOFF"]]);
      const due = (Date.parse(wakeAt ?? "") - Date.parse(at(0))) / 1000;
      expect(plan(view, due - 0.001).steps).toEqual([]);
      waits.push(due - now);
      now = due;
      view = settle(view, now);
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600]);
  });

  test("goes round the machines: to one where it has not failed, else to the one where that is longest ago", () => {
    let view = settle(three(), 0);
    const visited = [whereIs(view)[0]];
    for (const seconds of [10, 30, 70]) {
      view = settle(view, seconds);
      visited.push(whereIs(view)[0]);
    }
    expect(visited).toEqual([2, 3, 1, 2]);
  });

  test("an hour without a failure gives a clean record", () => {
    const view = settle(three(), 0);
    expect(plan(view, 3601).steps[0]?.status?.failures).toMatchObject({ count: 1, at: at(3601) });
  });

  test("a new generation gives a clean record too", () => {
    const view = settle(three(), 0);
    const again = withUnit(view, aUnit(A, { options: failing ?? {}, unit: { generation: 2 } }));
    const failed = actAsAgent(applySteps(again, plan(again, 1).steps), machineId(2), {
      now: at(1),
      behaviourOf: () => "failed",
    });
    expect(plan(failed, 2).steps[0]).toMatchObject({
      kind: "remove",
      status: { failures: { generation: 2, count: 1 } },
    });
  });

  test("a unit that may go nowhere else is left where it failed", () => {
    const view = settle(aView([aMachine(1)], [aUnit(A, { options: failing ?? {} })]), 0);
    expect(whereIs(view)).toEqual([1]);
    expect(plan(view, 999)).toMatchObject({
      steps: [],
      wakeAt: null,
      holds: [{ reason: { code: "FAILED_FOR_GOOD" } }],
    });
  });

  test("what systemd is about to restart has not failed for good", () => {
    const view = settle(three(), 0, "well");
    const restarting = {
      ...view,
      states: view.states.map((known) => ({
        ...known,
        state: { ...known.state, active: "failed", sub: "failed-before-auto-restart" },
      })),
    };
    expect(plan(restarting, 1).steps).toEqual([]);
  });

  test("the loss of the machine where it failed moves it too, counts, and waits as long", () => {
    const view = lose(settle(three(), 0), 2);
    expect(plan(view, 9)).toMatchObject({
      steps: [{ kind: "record", status: { reason: { code: "WAITS_FOR_BACKOFF" } } }],
      holds: [{ reason: { code: "WAITS_FOR_BACKOFF" } }],
      wakeAt: at(10),
    });
    expect(plan(view, 10).steps).toMatchObject([
      { kind: "replaceLost", machine: machineId(3), status: { failures: { count: 2, at: at(10) } } },
    ]);
  });
});

describe("a failed generation", () => {
  const failed = settle(three({}), 0);

  test("fleet #1135: stays where it failed, and when that machine is lost it is not started elsewhere", () => {
    expect([whereIs(failed), plan(failed, 999).steps]).toEqual([[1], []]);
    const { steps } = plan(lose(failed, 1), 1);
    expect(steps).toMatchObject([
      { kind: "record", status: { phase: "placed", machine: machineId(1), reason: { code: "NOT_RESTARTED" } } },
    ]);
    expect(plan(applySteps(lose(failed, 1), steps), 2).steps).toEqual([]);
  });

  test("is forgotten by the next start, which finds another machine", () => {
    const view = withUnit(lose(failed, 1), aUnit(A, { unit: { generation: 2 } }));
    expect(plan(view, 1).steps).toMatchObject([{ kind: "replaceLost", machine: machineId(2) }]);
  });

  test("is told of no longer when its machine is back", () => {
    const lost = lose(failed, 1);
    const back = turn(applySteps(lost, plan(lost, 1).steps), machineId(1), { kind: "present" });
    expect(plan(back, 2).steps).toMatchObject([{ kind: "record", status: { reason: { code: "STAYS" } } }]);
  });

  test("goes along with those that follow it and run", () => {
    const follower = aUnit("b.service", { incarnation: 2, options: { machineOf: [A] } });
    const both = settle(withUnit(three({}), follower), 0);
    expect(plan(lose(both, 1), 1).steps.map(({ kind, unit }) => `${kind} ${unit}`)).toEqual([
      "replaceLost a.service",
      "replaceLost b.service",
    ]);
  });
});

describe("Reschedule=never", () => {
  const view = settle(three({ reschedule: "never" }), 0, "well");

  test("stays with its lost machine, and its status says so", () => {
    expect(plan(lose(view, 1), 1).steps).toMatchObject([
      {
        kind: "record",
        machine: machineId(1),
        reason: { code: "RESCHEDULE_NEVER", text: "m1 is lost; a.service has Reschedule=never and waits for it" },
      },
    ]);
  });

  test("is moved all the same when its constraints ask for it", () => {
    const picky = aUnit(A, {
      options: { reschedule: "never", machineId: machineId(2) },
      unit: { generation: 2 },
    });
    expect(whereIs(settle(withUnit(view, picky), 1, "well"))).toEqual([2]);
  });
});

test("System=true does not wait for the person who releases the brake; all others do", () => {
  const machines = [1, 2, 3, 4].map((index) => aMachine(index, { zone: index < 3 ? "z1" : "z2" }));
  const units = [
    aUnit(A, { options: { system: true, machineId: null } }),
    aUnit("b.service", { incarnation: 2, options: { conflicts: ["a.service"] } }),
  ];
  const calm = settle(aView(machines, units), 0, "well");
  const braked = lose(lose(lose(calm, 1), 2), 3);
  const { brake, steps, lost } = plan(braked, 1);
  expect([brake?.code, lost]).toEqual(["BRAKED", []]);
  expect(steps.map(({ kind, unit, machine }) => `${kind} ${unit} m${Number(machine)}`)).toEqual([
    "replaceLost a.service m4",
  ]);
  expect(plan({ ...braked, mayActOnLosses: false }, 1).steps).toEqual([]);
});
