import { reason, type Reason } from "@quarterdeck/model";
import type { EntryView, UnitView } from "./cluster-view.ts";
import { countFailure, hasGivenUp } from "./count-failures.ts";
import { finishedJob } from "./finished-job.ts";
import type { PlanDraft } from "./plan-draft.ts";
import { isUnfenced } from "./plan-leaving.ts";
import { isLive } from "./wanted-entry.ts";

/**
 * Why a unit is not moved although its machine is lost, or `null` when it is: it may never be, its job is done, or it had failed there, and a
 * failed generation is not started again by the loss of a machine (docs/decisions/007).
 */
export function staysLost(
  draft: PlanDraft,
  at: EntryView,
  { unit, group }: { readonly unit: UnitView; readonly group: readonly UnitView[] },
): Reason | null {
  const lost = `${draft.index.nameOf(at.machine)} is lost`;
  const why = findReason(draft, at, { unit, group, lost });
  if (why !== null) draft.holds.push({ unit: unit.name, machine: at.machine, reason: why });
  return why;
}

function findReason(
  draft: PlanDraft,
  at: EntryView,
  { unit, group, lost }: { readonly unit: UnitView; readonly group: readonly UnitView[]; readonly lost: string },
): Reason | null {
  const { name, options } = unit;
  if (finishedJob(draft, unit, at) !== null) return reason("RUN_ONCE_DONE", `${lost}; ${name} had done its job there`);
  if (options.reschedule === "never")
    return reason("RESCHEDULE_NEVER", `${lost}; ${name} has Reschedule=never and waits for it`);
  if (isUnfenced(unit, at))
    return reason("FENCED", `${lost}; ${name} was started there before it was a singleton, and no fence stops it`);
  if (!hasGivenUp(draft, unit, at)) return null;
  if (options.reschedule === "failed") return waitToMove(draft, unit, { at, lost });
  // Who follows a failed unit and runs is moved, and takes it along.
  if (!group.every((member) => isAtRest(draft, member, at))) return null;
  return reason("NOT_RESTARTED", `${lost}; ${name} had failed there and is started again only by  fleet start ${name}`);
}

function waitToMove(
  draft: PlanDraft,
  unit: UnitView,
  { at, lost }: { readonly at: EntryView; readonly lost: string },
): Reason | null {
  const { failures, dueAt } = countFailure(draft, unit, at.machine);
  if (dueAt <= draft.now) return null;
  draft.wakes.push(dueAt);
  return reason(
    "WAITS_FOR_BACKOFF",
    `${lost}; ${unit.name} had failed there, and move ${failures.count} is due at ${dueAt}`,
  );
}

/** Whether the unit has nothing on the lost machine that could run. */
function isAtRest(draft: PlanDraft, unit: UnitView, { machine }: EntryView): boolean {
  return (draft.index.entriesOf.get(unit.name) ?? [])
    .filter((entry) => entry.machine === machine && isLive(entry.entry))
    .every((entry) => hasGivenUp(draft, unit, entry) || finishedJob(draft, unit, entry) !== null);
}
