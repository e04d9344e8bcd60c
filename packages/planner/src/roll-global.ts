import { isWell, reason, type MachineId, type Reason } from "@quarterdeck/model";
import type { EntryView, UnitView } from "./cluster-view.ts";
import { hasAcknowledged } from "./has-acknowledged.ts";
import { isPresent, type PlanDraft } from "./plan-draft.ts";
import { diffEntry, wantedEntry } from "./wanted-entry.ts";

/**
 * What keeps a copy of a Global unit that has changed as it is for now, by machine: copies that do well are changed one after another, each only when
 * those before it are active, and healthy where they have a check; one that does not come up ends it there, and the others go on as they were. Those
 * that do not do well come last, all at once: there is nothing to lose. A machine that does not answer can be told at once.
 */
export function rollGlobal(
  draft: PlanDraft,
  unit: UnitView,
  live: readonly EntryView[],
): ReadonlyMap<MachineId, Reason> {
  const waits = new Map<MachineId, Reason>();
  if (unit.unit.target !== "launched") return waits;
  const launched = live.filter(
    ({ machine, entry }) => entry.target.kind === "launched" && isPresent(draft.view.machines.get(machine)),
  );
  const changed = launched.filter(({ entry }) => diffEntry(entry, wantedEntry(unit, entry.reason)) !== "none");
  const underWay = launched.find((entry) => !changed.includes(entry) && !isUpAndWell(draft, entry));
  const next = changed.find((entry) => isUpAndWell(draft, entry));
  if (next === undefined) return waits;
  const first = draft.index.nameOf((underWay ?? next).machine);
  const text = `${unit.name} is changed on one machine after another: it is to do well on ${first} first`;
  for (const entry of changed)
    if (underWay !== undefined || entry !== next) waits.set(entry.machine, reason("ROLLOUT_WAITING", text));
  return waits;
}

function isUpAndWell({ index }: PlanDraft, entry: EntryView): boolean {
  const state = index.stateOf(entry.machine, entry.unit);
  if (state === null || !hasAcknowledged(state, entry)) return false;
  // One that has ended by itself and well, as a oneshot does, is as well as it will be.
  return isWell(state) || (state.active === "inactive" && state.result === "success");
}
