import { reason, type Reason, type UnitName } from "@quarterdeck/model";
import type { EntryView, MachineView, UnitView } from "./cluster-view.ts";
import { judgeMachine, type Refusal } from "./judge-machine.ts";
import type { PlanDraft } from "./plan-draft.ts";
import { surroundings } from "./plan-keeping.ts";
import { removeEntry } from "./plan-leaving.ts";
import { isLive } from "./wanted-entry.ts";

/** A machine is refused when coming there would kick out a unit that no other machine may take. */
export function judgeReplacing(draft: PlanDraft, unit: UnitView, machine: MachineView): Refusal | null {
  if (!draft.replacements.has(unit.name)) return null;
  const stranded = kickedOut(draft, unit.name, machine).find((other) => !hasElsewhere(draft, other, machine));
  if (stranded === undefined) return null;
  return {
    reason: reason(
      "REPLACES",
      `${stranded.name} on ${machine.hostname} would have to make room, and no other machine may take it`,
    ),
    transient: false,
    alike: false,
  };
}

/** Whether units that come to the machine together would drive off one that some of them must be with. */
export function drivesOffTarget(draft: PlanDraft, units: readonly UnitView[], machine: MachineView): Refusal | null {
  const targets = new Set(units.flatMap((unit) => unit.options.machineOf));
  for (const unit of units) {
    const driven = kickedOut(draft, unit.name, machine).find((other) => targets.has(other.name));
    if (driven === undefined) continue;
    const text = `${unit.name} would drive ${driven.name} off ${machine.hostname}, which others of its group follow`;
    return { reason: reason("REPLACES", text), transient: false, alike: false };
  }
  return null;
}

/** Stops, on the machine, what the unit replaces and what another machine may take; it is placed again once it has stopped. */
export function planReplacing(draft: PlanDraft, unit: UnitName, machine: MachineView): void {
  if (!draft.replacements.has(unit)) return;
  for (const other of kickedOut(draft, unit, machine)) {
    const entry = draft.index.entriesOf.get(other.name)?.find((candidate) => candidate.machine === machine.machine);
    if (entry === undefined || !isLive(entry.entry) || !hasElsewhere(draft, other, machine)) continue;
    displace(draft, entry, reason("REPLACES", `${unit} has Replaces=${other.name} and is on ${machine.hostname}`));
  }
}

/** Stops a unit that was to stay; it is placed anew once it has stopped. */
export function displace(draft: PlanDraft, entry: EntryView, why: Reason): void {
  draft.located.delete(entry.unit);
  draft.standings.delete(entry.unit);
  // An update of the entry may have been planned already; the stop takes its place.
  const update = draft.steps.findIndex((step) => step.unit === entry.unit && step.kind === "update");
  if (update >= 0) draft.steps.splice(update, 1);
  removeEntry(draft, entry, why);
  draft.candidates.reset();
}

/** Units on the machine that must make room for the unit. */
function kickedOut(draft: PlanDraft, unit: UnitName, machine: MachineView): readonly UnitView[] {
  return (draft.replacements.get(unit) ?? []).flatMap((name) => {
    const other = draft.view.units.get(name);
    return other !== undefined && !other.options.global && draft.occupancy.kindOf(machine.machine, name) === "live"
      ? [other]
      : [];
  });
}

/** Whether another machine would take the unit as things are now. */
export function hasElsewhere(draft: PlanDraft, unit: UnitView, except: MachineView): boolean {
  return draft.index.machines.some(
    (machine) => machine !== except && judgeMachine(unit, machine, surroundings(draft)) === null,
  );
}
