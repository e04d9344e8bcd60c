import { reason, type MachineId, type Reason, type UnitName } from "@quarterdeck/model";
import { choiceReason } from "./choice-reason.ts";
import { entryAt } from "./choose-machine.ts";
import type { MachineView, UnitView } from "./cluster-view.ts";
import { countFailure, failuresOf, hasGivenUp } from "./count-failures.ts";
import { entryOf, isDone } from "./finished-job.ts";
import type { UnitGroup } from "./group-units.ts";
import { judgeMachine, type Refusal, type Surroundings } from "./judge-machine.ts";
import type { Occupant } from "./occupancy.ts";
import { isPresent, placedStanding, type PlanDraft } from "./plan-draft.ts";
import { surroundings } from "./plan-keeping.ts";
import { settle } from "./plan-leaving.ts";
import { drivesOffTarget, judgeReplacing, planReplacing } from "./plan-replacing.ts";

/** Finds machines for the units of a group that have none: one machine for all of them if there is one, else each by itself, targets first. */
export function planPlacing(draft: PlanDraft, group: UnitGroup): void {
  const homeless = group.members.filter((unit) => !draft.located.has(unit.name));
  if (homeless.length === 0) return;
  const waiting = homeless.find((unit) => draft.stopping.has(unit.name));
  if (waiting !== undefined) {
    for (const unit of homeless) {
      const whose = unit === waiting ? "" : `, and ${unit.name} goes with it`;
      hold(draft, unit, reason("WAITS_FOR_STOP", `${waiting.name} is still stopping where it was${whose}`));
    }
    return;
  }
  if (homeless.length > 1 && placeTogether(draft, homeless)) return;
  // Whom they are tied by may have no place anywhere: what a move has stopped together stays together all the same.
  const moved = homeless.filter((unit) => draft.view.movedFrom.has(unit.name));
  const apart = moved.length < 2 || moved.length === homeless.length || !placeTogether(draft, moved);
  for (const unit of homeless) if (apart || !moved.includes(unit)) placeAlone(draft, unit);
}

function placeTogether(draft: PlanDraft, units: readonly UnitView[]): boolean {
  const names = new Set(units.map((unit) => unit.name));
  const choice = draft.choose(draft, units, (machine) => judgeTogether(draft, { units, names, machine }));
  if (choice === null) return false;
  for (const unit of units) {
    const follows = unit.options.machineOf.filter((target) => names.has(target));
    const why =
      follows.length > 0
        ? reason("FOLLOWS_MACHINE_OF", `${choice.machine.hostname}: the machine of ${follows.join(", ")}`)
        : choiceReason(draft, unit, choice);
    put(draft, unit, { machine: choice.machine, why });
  }
  return true;
}

/** Judges each unit as if the others were there already, so that a group whose members conflict is not put together. */
function judgeTogether(
  draft: PlanDraft,
  { units, names, machine }: { units: readonly UnitView[]; names: ReadonlySet<UnitName>; machine: MachineView },
): Refusal | null {
  const around = surroundings(draft);
  const together = {
    ...around,
    locate: (target: UnitName) => (names.has(target) ? machine.machine : around.locate(target)),
  };
  const before: (readonly [UnitName, Occupant | null])[] = [];
  let refusal: Refusal | null = null;
  for (const unit of units) {
    refusal = judgeAll(draft, unit, machine, together);
    if (refusal !== null) break;
    if (isDone(draft, unit)) continue;
    before.push([unit.name, draft.occupancy.kindOf(machine.machine, unit.name)]);
    draft.occupancy.add(machine.machine, unit.name, "live");
  }
  for (const [name, kind] of before) {
    if (kind === null) draft.occupancy.remove(machine.machine, name);
    else draft.occupancy.add(machine.machine, name, kind);
  }
  if (refusal === null) return drivesOffTarget(draft, units, machine);
  // What one member is told holds for the group, and not for whoever else has the options of its first.
  return { ...refusal, alike: false };
}

function placeAlone(draft: PlanDraft, unit: UnitView): void {
  const around = surroundings(draft);
  const choice = draft.choose(draft, [unit], (machine) => judgeAll(draft, unit, machine, around));
  if (choice !== null) put(draft, unit, { machine: choice.machine, why: choiceReason(draft, unit, choice) });
  else leaveUnplaced(draft, unit, around);
}

function leaveUnplaced(draft: PlanDraft, unit: UnitView, around: Surroundings): void {
  const verdicts = draft.index.machines.flatMap((machine) => {
    const refusal = judgeAll(draft, unit, machine, around);
    return refusal === null ? [] : [{ machine: machine.machine, refusal }];
  });
  const passing = verdicts.find(({ refusal }) => refusal.transient)?.refusal;
  if (passing !== undefined) {
    hold(draft, unit, reason("WAITS_FOR_STOP", passing.reason.text));
    return;
  }
  const refusals = verdicts.map(({ machine, refusal }) => ({ machine, reason: refusal.reason }));
  const why = unplaceableReason(unit, refusals.length, around);
  draft.standings.set(unit.name, { phase: "unplaced", machine: null, reason: why, refusals });
  draft.holds.push({ unit: unit.name, machine: null, reason: why });
  settleForsaken(draft, unit, verdicts);
}

/** Old copies on machines that came back, of a unit that no machine may have now, theirs included. */
function settleForsaken(
  draft: PlanDraft,
  unit: UnitView,
  verdicts: readonly { readonly machine: MachineId; readonly refusal: Refusal }[],
): void {
  for (const { machine, refusal } of verdicts) {
    const entry = entryAt(draft, unit, machine);
    if (entry?.entry.target.kind !== "absentAfter" || !isPresent(draft.view.machines.get(machine))) continue;
    settle(draft, entry, reason("CONSTRAINT_BROKEN", refusal.reason.text));
  }
}

/** A cordon or a full disk keeps new units away; it does not turn out a copy that is there. */
function judgeAll(draft: PlanDraft, unit: UnitView, machine: MachineView, around: Surroundings): Refusal | null {
  const isThere = entryAt(draft, unit, machine.machine) !== undefined;
  const here = isThere ? { ...machine, cordoned: false, diskFreePercent: null } : machine;
  return judgeMachine(unit, here, around) ?? judgeReplacing(draft, unit, machine);
}

function put(draft: PlanDraft, unit: UnitView, { machine, why }: { machine: MachineView; why: Reason }): void {
  planReplacing(draft, unit.name, machine);
  const write = {
    machine: machine.machine,
    unit: unit.name,
    expects: entryAt(draft, unit, machine.machine)?.modRevision ?? null,
  };
  const lost = draft.lostEntries.get(unit.name);
  if (lost === undefined) {
    const reasoned = afterFailure(draft, unit, { machine, why });
    draft.steps.push({ kind: "place", ...write, entry: entryOf(draft, unit, reasoned), reason: reasoned });
  } else {
    if (unit.options.reschedule === "failed" && hasGivenUp(draft, unit, lost)) {
      const { failures } = countFailure(draft, unit, lost.machine);
      draft.memories.set(unit.name, { ...draft.memories.get(unit.name), failures });
    }
    const moved = reason(
      "MACHINE_LOST",
      `${draft.index.nameOf(lost.machine)} is lost; ${unit.name} goes to ${machine.hostname} (${why.text})`,
    );
    draft.steps.push({
      kind: "replaceLost",
      ...write,
      entry: entryOf(draft, unit, moved),
      lost: lost.machine,
      lostEntry: { ...lost.entry, target: { kind: "absentAfter", replacement: machine.machine }, reason: moved },
      lostExpects: lost.modRevision,
      reason: moved,
    });
  }
  if (!isDone(draft, unit)) draft.occupancy.add(machine.machine, unit.name, "live");
  draft.located.set(unit.name, machine.machine);
  draft.standings.set(unit.name, placedStanding(machine.machine, why));
}

/** The first placing after a unit failed for good elsewhere says so. */
function afterFailure(
  draft: PlanDraft,
  unit: UnitView,
  { machine, why }: { readonly machine: MachineView; readonly why: Reason },
): Reason {
  const from = failuresOf(draft, unit)?.machines.at(-1);
  if (from === undefined || draft.view.statuses.get(unit.name)?.reason.code !== "FAILED_FOR_GOOD") return why;
  return reason(
    "FAILED_FOR_GOOD",
    `${unit.name} failed for good on ${draft.index.nameOf(from)} and goes to ${machine.hostname} (${why.text})`,
  );
}

function unplaceableReason(unit: UnitView, refused: number, around: Surroundings): Reason {
  if (refused === 0) return reason("NO_MACHINES", "no machine has joined the cluster yet");
  const unplaced = unit.options.machineOf.find((target) => around.locate(target) === null);
  if (unplaced !== undefined) return reason("MACHINE_OF_UNPLACED", `${unplaced}, which it follows, is on no machine`);
  return reason("NO_CANDIDATE", refused === 1 ? "the only machine refuses it" : `all ${refused} machines refuse it`);
}

function hold(draft: PlanDraft, unit: UnitView, why: Reason): void {
  draft.holds.push({ unit: unit.name, machine: null, reason: why });
}
