import type { MachineId, UnitName, UnitState } from "@quarterdeck/model";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { ClusterView, EntryView } from "./cluster-view.ts";
import { planSchedule, planScheduleBy } from "./plan-schedule.ts";
import type { ScheduleStep } from "./schedule-step.ts";
import { applySteps } from "./testing/apply-steps.ts";
import { someHistory, type ClusterHistory } from "./testing/arbitrary-cluster.ts";
import { aMachine, at, aView, machineId, withMachine } from "./testing/build-view.ts";
import { choosePlainly } from "./testing/choose-plainly.ts";
import { brokenConstraint, conflicts, isDoneJob, isLive, isOvercommitted } from "./testing/cluster-oracle.ts";
import { playEvents, type Pass } from "./testing/play-events.ts";
import { settleDown } from "./testing/settle-down.ts";

const RUNS = { numRuns: 300 };
// A limit by the work and not by the clock: at a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS.numRuns * 1_000 });
const NOW = at(100_000);

const cluster = (size: number): ClusterView =>
  aView(
    Array.from({ length: size }, (_, index) =>
      aMachine(index + 1, {
        zone: index < 3 ? "z1" : "z2",
        metadata: { role: index % 3 === 2 ? "db" : "worker" },
        memoryMiB: index % 3 === 1 ? null : 1000,
      }),
    ),
  );

const play = ({ size, events }: ClusterHistory, onPass?: (pass: Pass) => void): ClusterView =>
  playEvents(cluster(size), events, onPass);

/** Runs a check on every pass of the engine in random histories. */
function always(check: (pass: Pass, history: ClusterHistory) => void): void {
  fc.assert(
    fc.property(someHistory(), (history) => void play(history, (pass) => check(pass, history))),
    RUNS,
  );
}

const isPlacement = (step: ScheduleStep): step is Extract<ScheduleStep, { kind: "place" | "replaceLost" }> =>
  step.kind === "place" || step.kind === "replaceLost";
const entriesOf = (view: ClusterView, unit: UnitName): readonly EntryView[] =>
  view.entries.filter((entry) => entry.unit === unit);
const stateAt = (view: ClusterView, machine: MachineId | null, unit: UnitName): UnitState | undefined =>
  view.states.find((known) => known.machine === machine && known.unit === unit)?.state;
const isSilent = (view: ClusterView, machine: string): boolean =>
  [...view.machines.values()].some((known) => known.machine === machine && known.presence.kind === "silent");
/** A unit of the system is moved when its machine's grace is over, brake or no brake. */
const isOverdueSystem = (view: ClusterView, unit: UnitName, machine: MachineId): boolean => {
  const presence = view.machines.get(machine)?.presence;
  return (
    view.units.get(unit)?.options.system === true &&
    view.mayActOnLosses &&
    presence?.kind === "silent" &&
    presence.graceOver
  );
};
/** An old copy that runs while its replacement has ended: it stays until somebody mends the replacement. */
const isBetterThanNothing = (view: ClusterView, { machine, unit, entry }: EntryView): boolean => {
  const replacement = entriesOf(view, unit).find((other) => isLive(other))?.machine ?? null;
  return (
    entry.target.kind === "absentAfter" &&
    stateAt(view, machine, unit)?.active === "active" &&
    stateAt(view, replacement, unit)?.active !== "active"
  );
};
const everyoneBack = (view: ClusterView): ClusterView =>
  [...view.machines.values()].reduce<ClusterView>(
    (current, machine) => withMachine(current, { ...machine, presence: { kind: "present" } }),
    { ...view, mayActOnLosses: true },
  );

test("a unit that never was Global never has two live entries, whatever dies between two transactions", () => {
  always(({ after }, { events }) => {
    const onceGlobal = new Set(
      events.flatMap((event) => (event.kind === "submit" && event.options.global ? [event.unit] : [])),
    );
    for (const unit of after.units.keys()) {
      if (!onceGlobal.has(unit)) expect(entriesOf(after, unit).filter(isLive).length, unit).toBeLessThanOrEqual(1);
    }
  });
});

test("a unit is placed only when every other copy is gone, or was lost with its machine", () => {
  always(({ before, plan }) => {
    for (const step of plan.steps) {
      if (!isPlacement(step) || before.units.get(step.unit)?.options.global === true) continue;
      for (const entry of entriesOf(before, step.unit)) {
        const excused =
          entry.entry.target.kind === "absentAfter" ||
          (isSilent(before, entry.machine) && plan.lost.includes(entry.machine)) ||
          isOverdueSystem(before, step.unit, entry.machine);
        expect(excused, `${step.kind} ${step.unit} beside ${entry.entry.target.kind} on ${entry.machine}`).toBe(true);
      }
    }
  });
});

test("no step puts a unit where a hard constraint forbids it, or beside one that conflicts and may still run", () => {
  always(({ before, plan }) => {
    const after = applySteps(before, plan.steps);
    for (const step of plan.steps) {
      if (!isPlacement(step)) continue;
      const machine = before.machines.get(step.machine);
      expect(machine?.presence.kind, "placed on a machine that does not answer").toBe("present");
      const takenBack = entriesOf(before, step.unit).some((entry) => entry.machine === step.machine);
      expect(machine?.cordoned === true && !takenBack, "a new copy on a cordoned machine").toBe(false);
      expect((machine?.diskFreePercent ?? 100) < 15 && !takenBack, "a new copy on a full disk").toBe(false);
      const reserves = before.units.get(step.unit)?.options.memoryReserveMiB ?? null;
      const isJob = before.units.get(step.unit)?.options.runOnce === true;
      if (machine !== undefined && reserves !== null && !isJob)
        expect(isOvercommitted(after, machine), "more reserved than there is").toBe(false);
      expect(
        brokenConstraint(after, { machine: step.machine, unit: step.unit, entry: step.entry, modRevision: 0n }),
      ).toBeNull();
      const unit = before.units.get(step.unit);
      for (const neighbour of before.entries) {
        if (neighbour.machine !== step.machine || neighbour.unit === step.unit || unit === undefined) continue;
        const other = before.units.get(neighbour.unit);
        const state = before.states.find(
          (known) => known.machine === neighbour.machine && known.unit === neighbour.unit,
        )?.state;
        const later = entriesOf(after, neighbour.unit).find((entry) => entry.machine === step.machine);
        const ended = later !== undefined && isDoneJob(after, later);
        const gone =
          neighbour.entry.target.kind === "absent" &&
          state?.active === "inactive" &&
          BigInt(state.entryRevision ?? "0") >= neighbour.modRevision;
        if (!gone && !ended)
          expect(
            conflicts(unit, neighbour.unit, machine) || (other !== undefined && conflicts(other, unit.name, machine)),
            `${unit.name} beside ${neighbour.unit}`,
          ).toBe(false);
      }
    }
  });
});

test("every stop names an entry that is there and a reason that is true", () => {
  always(({ before, plan }) => {
    for (const step of plan.steps) {
      expect(step.reason.text).not.toBe("");
      if (step.kind !== "remove" && step.kind !== "settle") continue;
      const entry = before.entries.find((known) => known.machine === step.machine && known.unit === step.unit);
      expect(entry?.modRevision).toBe(step.expects);
      const unit = before.units.get(step.unit);
      switch (step.reason.code) {
        case "DESTROYED":
          expect(unit).toBeUndefined();
          break;
        case "TARGET_CHANGED":
          expect(unit?.unit.target).toBe("inactive");
          break;
        case "REPLACEMENT_HEALTHY":
        case "MACHINE_RETURNED":
          expect(isSilent(before, step.machine)).toBe(false);
          expect(entriesOf(before, step.unit).some((other) => isLive(other) && other.machine !== step.machine)).toBe(
            true,
          );
          break;
        case "CONSTRAINT_BROKEN":
        case "REPLACES":
          expect(isSilent(before, step.machine)).toBe(false);
          break;
        case "FAILED_FOR_GOOD":
          expect([unit?.options.reschedule, stateAt(before, step.machine, step.unit)?.active]).toEqual([
            "failed",
            "failed",
          ]);
          break;
        case "UNIT_CHANGED":
          expect(entriesOf(before, step.unit).filter(isLive).length).toBeGreaterThan(1);
          break;
        default:
          expect.unreachable(`stopped for ${step.reason.code}`);
      }
    }
  });
});

test("an orphan, and a unit that no entry names, is in no plan", () => {
  always(({ before, plan }) => {
    for (const step of plan.steps) {
      const known = before.units.has(step.unit) || entriesOf(before, step.unit).length > 0;
      expect(known, step.unit).toBe(true);
      if (step.kind === "remove" || step.kind === "settle" || step.kind === "forget" || step.kind === "update") {
        expect(entriesOf(before, step.unit).some((entry) => entry.machine === step.machine)).toBe(true);
      }
    }
  });
});

test("fleet #1145: a machine that is silent but not lost keeps its entries, but for what a person changed", () => {
  always(({ before, plan }) => {
    for (const step of plan.steps) {
      if (step.kind === "replaceLost")
        expect(plan.lost.includes(step.lost) || isOverdueSystem(before, step.unit, step.lost)).toBe(true);
      if (
        step.kind === "record" ||
        step.kind === "unplaceable" ||
        step.machine === null ||
        !isSilent(before, step.machine) ||
        plan.lost.includes(step.machine)
      )
        continue;
      const byPerson =
        step.kind === "update" ||
        step.kind === "forget" ||
        ["DESTROYED", "TARGET_CHANGED", "UNIT_CHANGED"].includes(step.reason.code);
      expect(byPerson, `${step.kind} ${step.unit}: ${step.reason.text}`).toBe(true);
    }
  });
});

test("no step is planned twice", () => {
  const face = (step: ScheduleStep): string =>
    `${step.kind} ${step.unit} ${step.machine} ${JSON.stringify("entry" in step ? step.entry : step.status)}`;
  always(({ before, plan }) => {
    const again = planSchedule(applySteps(before, plan.steps), NOW).steps.map(face);
    for (const step of plan.steps) expect(again).not.toContain(face(step));
  });
});

test("equal views give equal plans, in whatever order they list things", () => {
  fc.assert(
    fc.property(someHistory(), (history) => {
      const view = play(history);
      const turned: ClusterView = {
        ...view,
        machines: new Map([...view.machines].toReversed()),
        units: new Map([...view.units].toReversed()),
        entries: view.entries.toReversed(),
        states: view.states.toReversed(),
      };
      expect(planSchedule(turned, NOW)).toEqual(planSchedule(view, NOW));
    }),
    RUNS,
  );
});

test("the quick way to choose a machine comes to the same plan as asking every machine", () => {
  always(({ now, before, plan }) => expect(planScheduleBy(choosePlainly, before, now)).toEqual(plan));
});

test("a job that has ended well is not started again, whatever becomes of its machine", () => {
  always(({ before, plan }) => {
    for (const step of plan.steps) {
      const unit = before.units.get(step.unit);
      const outcome = before.statuses.get(step.unit)?.outcome ?? null;
      const isDone = unit?.options.runOnce === true && outcome?.generation === unit.unit.generation;
      if (isDone && "entry" in step) expect(step.entry.target.kind).not.toBe("launched");
    }
  });
});

test("a unit with Reschedule=never is not taken off a lost machine", () => {
  always(({ before, plan }) => {
    for (const step of plan.steps)
      if (step.kind === "replaceLost") expect(before.units.get(step.unit)?.options.reschedule).not.toBe("never");
  });
});

test("a generation that has failed for good is started elsewhere only where Reschedule=failed asks for it, or with a unit that runs and follows it", () => {
  always(({ before, plan }) => {
    for (const step of plan.steps) {
      if (step.kind !== "replaceLost") continue;
      const unit = before.units.get(step.unit);
      const state = stateAt(before, step.lost, step.unit);
      const failed =
        state?.active === "failed" &&
        state.generation === unit?.unit.generation &&
        state.incarnation === unit.incarnation;
      if (!failed || unit?.options.reschedule === "failed") continue;
      const companions = plan.steps.filter((other) => other.group === step.group && other.unit !== step.unit);
      expect(companions, `${step.unit} alone`).not.toEqual([]);
    }
  });
});

test("what is moved because it failed waits longer each time", () => {
  always(({ before, plan }) => {
    for (const { unit, status } of plan.steps) {
      const last = before.statuses.get(unit)?.failures ?? null;
      const next = status?.failures ?? null;
      if (next === null || last === null || next.count <= last.count || next.generation !== last.generation) continue;
      const waited = (Date.parse(next.at) - Date.parse(last.at)) / 1000;
      expect(waited).toBeGreaterThanOrEqual(Math.min(600, 10 * 2 ** (last.count - 1)));
    }
  });
});

test("a cluster left alone comes to rest: then nothing is planned, every constraint holds, and every unit is placed or has its reasons", () => {
  fc.assert(
    fc.property(someHistory(), (history) => {
      const view = settleDown(everyoneBack(play(history)), NOW);
      expect(planSchedule(view, NOW).steps).toEqual([]);
      for (const entry of view.entries)
        expect(isLive(entry) || isBetterThanNothing(view, entry), `${entry.unit} ${entry.entry.target.kind}`).toBe(
          true,
        );
      for (const entry of view.entries) if (isLive(entry)) expect(brokenConstraint(view, entry)).toBeNull();
      for (const [name, { unit, options }] of view.units) {
        const status = view.statuses.get(name);
        const live = entriesOf(view, name).filter(isLive);
        if (unit.target === "inactive") expect(live).toEqual([]);
        else if (options.global) expect(status?.phase).toBe("global");
        else if (live.length === 0)
          expect([status?.phase, status?.refusals.length]).toEqual(["unplaced", view.machines.size]);
        else expect([live.length, status?.phase, status?.machine]).toEqual([1, "placed", live[0]?.machine]);
      }
    }),
    RUNS,
  );
});

test("the loss of one machine moves its own units and no other; its mere silence moves none", () => {
  fc.assert(
    fc.property(someHistory(false), fc.integer({ min: 1, max: 5 }), (history, index) => {
      const calm = settleDown(everyoneBack(play(history)), NOW);
      const gone = calm.machines.get(machineId(index));
      if (gone === undefined) return;
      const silent = withMachine(calm, {
        ...gone,
        presence: { kind: "silent", since: NOW, graceOver: false, declaredLost: false },
      });
      const moves = (view: ClusterView): ScheduleStep[] =>
        planSchedule(view, NOW).steps.filter((step) => step.kind !== "record" && step.kind !== "unplaceable");
      expect(moves(silent)).toEqual([]);
      const lost = withMachine(calm, {
        ...gone,
        presence: { kind: "silent", since: NOW, graceOver: true, declaredLost: false },
      });
      const its = new Set(calm.entries.filter((entry) => entry.machine === gone.machine).map((entry) => entry.unit));
      // A unit that had no machine may find one beside what moved; nothing that had one moves unless it was there.
      for (const step of moves(lost))
        expect(step.kind).toBe(
          its.has(step.unit) ? "replaceLost" : entriesOf(calm, step.unit).length === 0 ? "place" : "nothing",
        );
      const elsewhere = applySteps(lost, planSchedule(lost, NOW).steps).entries.filter(
        (entry) =>
          entry.machine !== gone.machine &&
          calm.entries.some((old) => old.machine === entry.machine && old.unit === entry.unit),
      );
      for (const entry of elsewhere) expect(calm.entries).toContainEqual(entry);
    }),
    RUNS,
  );
});

test("Nomad #3840: the brake holds: more than a third of the machines silent, in two zones, and nothing is replaced", () => {
  fc.assert(
    fc.property(someHistory(), fc.subarray([1, 2, 3, 4, 5]), (history, indexes) => {
      let view = settleDown(everyoneBack(play(history)), NOW);
      for (const index of indexes) {
        const machine = view.machines.get(machineId(index));
        if (machine !== undefined)
          view = withMachine(view, {
            ...machine,
            presence: { kind: "silent", since: NOW, graceOver: true, declaredLost: false },
          });
      }
      const gone = [...view.machines.values()].filter((machine) => machine.presence.kind === "silent");
      const braked =
        gone.length >= 2 &&
        gone.length * 3 > view.machines.size &&
        new Set(gone.map((machine) => machine.zone)).size > 1;
      const plan = planSchedule(view, NOW);
      expect(plan.brake !== null).toBe(braked);
      if (!braked) return;
      for (const step of plan.steps)
        if (step.kind === "replaceLost") expect(isOverdueSystem(view, step.unit, step.lost)).toBe(true);
      const looked: ClusterView = { ...view, brakeReleased: new Set(gone.map(({ machine }) => machine)) };
      expect(planSchedule(looked, NOW).brake).toBeNull();
    }),
    RUNS,
  );
});
