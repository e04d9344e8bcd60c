import type { Reason, ScheduleEntry, UnitOutcome } from "@quarterdeck/model";
import type { ClusterIndex } from "./cluster-index.ts";
import type { ClusterView, EntryView, UnitView } from "./cluster-view.ts";
import { hasAcknowledged } from "./has-acknowledged.ts";
import type { PlanDraft } from "./plan-draft.ts";
import { restingEntry, wantedEntry } from "./wanted-entry.ts";

/**
 * How a `RunOnce=` unit's present generation ended well: as it was remembered, or as its agent says now, and then it is remembered. `null`
 * while it has not, and for every other unit.
 */
export function finishedJob(draft: PlanDraft, unit: UnitView, entry: EntryView): UnitOutcome | null {
  if (!unit.options.runOnce || unit.unit.target !== "launched") return null;
  const known = knownOutcome(draft, unit);
  if (known !== null || !hasSucceeded(draft.index, unit, entry)) return known;
  const outcome = { generation: unit.unit.generation, machine: entry.machine, at: draft.now };
  draft.memories.set(unit.name, { ...draft.memories.get(unit.name), outcome });
  return outcome;
}

/** Whether the unit is a job that is known to be done. */
export function isDone(draft: PlanDraft, unit: UnitView): boolean {
  return unit.options.runOnce && unit.unit.target === "launched" && knownOutcome(draft, unit) !== null;
}

/** How a `RunOnce=` unit's present generation ended, as far as it was written down; `null` for every other unit. */
export function rememberedOutcome(
  { statuses }: ClusterView,
  { name, incarnation, unit, options }: UnitView,
): UnitOutcome | null {
  if (!options.runOnce || unit.target !== "launched") return null;
  const status = statuses.get(name);
  const outcome = status?.incarnation === incarnation ? (status.outcome ?? null) : null;
  return outcome?.generation === unit.generation ? outcome : null;
}

/** The entry that the unit's record and what is remembered of it ask for: a job that is done is not started again. */
export function entryOf(draft: PlanDraft, unit: UnitView, why: Reason): ScheduleEntry {
  const wanted = wantedEntry(unit, why);
  return isDone(draft, unit) ? restingEntry(wanted) : wanted;
}

function knownOutcome(draft: PlanDraft, unit: UnitView): UnitOutcome | null {
  const fresh = draft.memories.get(unit.name)?.outcome;
  return fresh?.generation === unit.unit.generation ? fresh : rememberedOutcome(draft.view, unit);
}

/**
 * Whether the unit's present generation has ended well by its agent's word. systemd keeps the result of a oneshot that has ended; before it was
 * started the agent has not carried the entry out.
 */
export function hasSucceeded(index: ClusterIndex, { name, incarnation, unit }: UnitView, at: EntryView): boolean {
  const state = index.stateOf(at.machine, name);
  return (
    state !== null &&
    at.entry.target.kind === "launched" &&
    state.incarnation === incarnation &&
    state.generation === unit.generation &&
    hasAcknowledged(state, at) &&
    state.load === "loaded" &&
    state.active === "inactive" &&
    state.result === "success" &&
    state.problem === null
  );
}
