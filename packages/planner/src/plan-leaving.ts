import { assertNever, isWell, reason, type Reason } from "@quarterdeck/model";
import { compareText } from "./cluster-index.ts";
import type { EntryView, UnitView } from "./cluster-view.ts";
import { finishedJob } from "./finished-job.ts";
import { hasAcknowledged } from "./has-acknowledged.ts";
import { isAtRest } from "./is-at-rest.ts";
import { isPresent, isWanted, machinesLostTo, type PlanDraft } from "./plan-draft.ts";
import { waitsInVain } from "./waits-in-vain.ts";
import { absentEntry, isLive } from "./wanted-entry.ts";

/** What is on its way out: entries of units that are no longer wanted, old copies of replaced units, and stops that are done. */
export function planLeaving(draft: PlanDraft): void {
  const leaving = draft.view.entries.filter(
    ({ unit, entry }) => !isLive(entry) || !isWanted(draft.view.units.get(unit)),
  );
  for (const entry of leaving.toSorted(
    (left, right) => compareText(left.unit, right.unit) || compareText(left.machine, right.machine),
  )) {
    const wanted = draft.view.units.get(entry.unit);
    switch (entry.entry.target.kind) {
      case "absent":
        planStopped(draft, entry);
        break;
      case "absentAfter":
        if (isWanted(wanted)) planReplaced(draft, entry, wanted);
        else settle(draft, entry, unwantedReason(entry, wanted));
        break;
      case "launched":
      case "loaded":
        removeEntry(draft, entry, unwantedReason(entry, wanted));
        break;
      default:
        assertNever(entry.entry.target);
    }
  }
}

/** Turns a live entry to `absent`; until the agent has carried it out, the unit counts as leaving and is placed nowhere else. */
export function removeEntry(draft: PlanDraft, entry: EntryView, why: Reason): void {
  draft.steps.push({
    kind: "remove",
    machine: entry.machine,
    unit: entry.unit,
    entry: absentEntry(entry.entry, why),
    expects: entry.modRevision,
    reason: why,
  });
  draft.stopping.add(entry.unit);
  draft.occupancy.add(entry.machine, entry.unit, "leaving");
}

function planStopped(draft: PlanDraft, entry: EntryView): void {
  const state = draft.index.stateOf(entry.machine, entry.unit);
  if (state !== null && isAtRest(state) && hasAcknowledged(state, entry)) {
    const why = reason("ACKNOWLEDGED", `${draft.index.nameOf(entry.machine)} says that ${entry.unit} is stopped`);
    draft.steps.push({
      kind: "forget",
      machine: entry.machine,
      unit: entry.unit,
      expects: entry.modRevision,
      reason: why,
    });
    // Placed again in the next pass: only when the entry is gone can the same machine be told to start it afresh.
    draft.stopping.add(entry.unit);
    return;
  }
  draft.occupancy.add(entry.machine, entry.unit, "leaving");
  // A machine that is lost cannot say that it stopped; waiting for it would keep the unit down as long as the machine is.
  const unit = draft.view.units.get(entry.unit);
  if (isUnfenced(unit, entry) || !machinesLostTo(draft, unit).has(entry.machine)) draft.stopping.add(entry.unit);
}

/** Whether a copy that runs by this entry is a singleton's, but was started before the unit was one: nothing stops it on a machine that is cut off. */
export function isUnfenced(unit: UnitView | undefined, { entry }: EntryView): boolean {
  return unit !== undefined && unit.options.singleton && entry.singleton !== true;
}

/**
 * The old copy of a unit that was replaced: it goes when its machine is back and the replacement does well, or when it does not run anyway.
 * With no replacement on a machine that answers, it is the best copy there is: the placing phase may take it back.
 */
function planReplaced(draft: PlanDraft, entry: EntryView, unit: UnitView): void {
  if (!isPresent(draft.view.machines.get(entry.machine))) return;
  draft.occupancy.add(entry.machine, entry.unit, "leaving");
  const replacement = draft.index.entriesOf
    .get(entry.unit)
    ?.find((other) => isLive(other.entry) && isPresent(draft.view.machines.get(other.machine)));
  if (unit.options.global || replacement === undefined) return;
  const at = draft.index.nameOf(entry.machine);
  // Its fence has stopped the old copy; what is still known of it is from before.
  if (unit.options.singleton) {
    settle(draft, entry, reason("FENCED", `${at} is back, where its fence had stopped ${entry.unit}`));
    return;
  }
  // Of a unit that an operator moved the machine was never away.
  const moved = entry.entry.reason.code === "DRAINED" || entry.entry.reason.code === "REBALANCED";
  const back = moved ? "" : `${at} is back, and `;
  if (isDoingWell(draft, replacement, unit)) {
    const where = draft.index.nameOf(replacement.machine);
    settle(draft, entry, reason("REPLACEMENT_HEALTHY", `${back}${entry.unit} does well on ${where}`));
  } else if (isAtRest(draft.index.stateOf(entry.machine, entry.unit))) {
    settle(
      draft,
      entry,
      reason(
        "MACHINE_RETURNED",
        `${at} ${moved ? "has no running copy" : "is back without a running copy"} of ${entry.unit}`,
      ),
    );
  } else if (waitsInVain(draft.index, entry)) draft.occupancy.add(entry.machine, entry.unit, "waiting");
}

function isDoingWell(draft: PlanDraft, entry: EntryView, view: UnitView): boolean {
  const { incarnation, unit } = view;
  if (finishedJob(draft, view, entry) !== null) return true;
  const state = draft.index.stateOf(entry.machine, entry.unit);
  if (state === null || state.incarnation !== incarnation) return false;
  if (unit.target === "loaded") return hasAcknowledged(state, entry);
  return isWell(state);
}

/** Turns an `absentAfter` to `absent`. */
export function settle(draft: PlanDraft, entry: EntryView, why: Reason): void {
  draft.steps.push({
    kind: "settle",
    machine: entry.machine,
    unit: entry.unit,
    entry: absentEntry(entry.entry, why),
    expects: entry.modRevision,
    reason: why,
  });
  draft.occupancy.add(entry.machine, entry.unit, "leaving");
}

function unwantedReason(entry: EntryView, unit: UnitView | undefined): Reason {
  return unit === undefined
    ? reason("DESTROYED", `${entry.unit} was destroyed`)
    : reason("TARGET_CHANGED", `the target of ${entry.unit} is inactive`);
}
