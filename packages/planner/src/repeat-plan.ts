import type { Timestamp, UnitName } from "@quarterdeck/model";
import type { ClusterView, StateView } from "./cluster-view.ts";
import { isPresent, isWanted } from "./plan-draft.ts";
import type { SchedulePlan } from "./schedule-step.ts";
import { isLive } from "./wanted-entry.ts";

/** A plan of the schedule and what it was made from. */
export type PlannedSchedule = { readonly view: ClusterView; readonly now: Timestamp; readonly plan: SchedulePlan };

/**
 * The last plan once more, without planning, where it left nothing to do and nothing has changed since that could matter to it; `null` where
 * that cannot be told. Parts of a view count as unchanged when they are the same objects. Most of what changes in a cluster at rest are states
 * of units whose only entry is one to run, and these matter to no other plan than that of what fails or ends.
 */
export function repeatPlan(last: PlannedSchedule, view: ClusterView, now: Timestamp): SchedulePlan | null {
  const { plan } = last;
  if (plan.steps.length > 0 || now < last.now || (plan.wakeAt !== null && plan.wakeAt <= now)) return null;
  if (!isSameBut(last.view, view)) return null;
  if (last.view.states === view.states) return plan;
  if (plan.holds.length > 0 || ![...view.machines.values()].every(isPresent)) return null;
  const changed = changedUnits(last.view.states, view.states);
  return isIndifferent(view, changed) ? plan : null;
}

/** Whether two views have the same parts, their states aside. */
function isSameBut(left: ClusterView, right: ClusterView): boolean {
  return (
    left.machines === right.machines &&
    left.units === right.units &&
    left.statuses === right.statuses &&
    left.entries === right.entries &&
    left.mayActOnLosses === right.mayActOnLosses &&
    left.brakeReleased === right.brakeReleased &&
    left.lossBudget === right.lossBudget &&
    left.movedFrom === right.movedFrom
  );
}

function changedUnits(before: readonly StateView[], after: readonly StateView[]): ReadonlySet<UnitName> {
  const gone = new Set(before);
  const changed = new Set<UnitName>();
  for (const state of after) if (!gone.delete(state)) changed.add(state.unit);
  for (const { unit } of gone) changed.add(unit);
  return changed;
}

/** Whether no state of the units is asked for when every machine answers: an orphan's, and that of a unit that runs where it is to run. */
function isIndifferent({ units, entries }: ClusterView, changed: ReadonlySet<UnitName>): boolean {
  const seen = new Set<UnitName>();
  for (const { unit: name, entry } of entries) {
    if (!changed.has(name)) continue;
    const unit = units.get(name);
    if (!isWanted(unit) || !isLive(entry)) return false;
    const { global, runOnce, reschedule } = unit.options;
    if (runOnce || reschedule === "failed" || (!global && seen.has(name))) return false;
    seen.add(name);
  }
  return true;
}
