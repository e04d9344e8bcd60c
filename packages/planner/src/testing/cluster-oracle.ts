import type { UnitName } from "@quarterdeck/model";
import { matchesPattern } from "@quarterdeck/units";
import type { ClusterView, EntryView, MachineView, UnitView } from "../cluster-view.ts";

/**
 * What fleet's documents say about where a unit may be, written down a second time, as plainly as can be and without the planner's own
 * code: the first sentence that a live entry breaks, or `null`.
 */
export function brokenConstraint(view: ClusterView, at: EntryView): string | null {
  const unit = view.units.get(at.unit);
  const machine = view.machines.get(at.machine);
  if (unit === undefined || machine === undefined) return `${at.unit} or its machine is unknown`;
  return brokenByMachine(unit, machine) ?? brokenByNeighbours(view, unit, at) ?? brokenByTarget(view, unit, at);
}

function brokenByMachine({ options, name }: UnitView, machine: MachineView): string | null {
  if (options.machineId !== null && options.machineId !== machine.machine) return `${name} is pinned elsewhere`;
  const broken = options.machineMetadata.find(
    (rule) => !rule.values.some((value) => machine.metadata[rule.key] === value),
  );
  return broken === undefined ? null : `${name} wants ${broken.key}=${broken.values.join("|")}`;
}

function brokenByNeighbours(view: ClusterView, unit: UnitView, at: EntryView): string | null {
  if (isDoneJob(view, at)) return null;
  const neighbours = view.entries.filter(
    (entry) => entry.machine === at.machine && entry.unit !== at.unit && isLive(entry) && !isDoneJob(view, entry),
  );
  for (const { unit: other } of neighbours) {
    const otherUnit = view.units.get(other);
    const here = view.machines.get(at.machine);
    if (conflicts(unit, other, here) || (otherUnit !== undefined && conflicts(otherUnit, unit.name, here)))
      return `${unit.name} conflicts with ${other}`;
  }
  return null;
}

function brokenByTarget(view: ClusterView, { options, name }: UnitView, at: EntryView): string | null {
  const astray = options.machineOf.find(
    (target) => !view.entries.some((entry) => entry.unit === target && entry.machine === at.machine && isLive(entry)),
  );
  return astray === undefined ? null : `${name} is not with ${astray}`;
}

/** A job that has succeeded is loaded although its unit is to be launched; it runs no more. */
export function isDoneJob(view: ClusterView, { unit, entry }: EntryView): boolean {
  return entry.target.kind === "loaded" && view.units.get(unit)?.unit.target === "launched";
}

/** Whether the machine has less than what the units there reserve, whether they stay or are still stopping. */
export function isOvercommitted(view: ClusterView, machine: MachineView): boolean {
  const reserved = view.entries
    .filter((entry) => entry.machine === machine.machine && !isDoneJob(view, entry))
    .map((entry) => view.units.get(entry.unit)?.options.memoryReserveMiB ?? 0);
  return machine.memoryMiB !== null && reserved.reduce((sum, next) => sum + next, 0) > machine.memoryMiB;
}

export function conflicts({ options }: UnitView, other: UnitName, on: MachineView | undefined): boolean {
  return options.conflicts.some((pattern) => matchesPattern(pattern.replaceAll("%H", on?.hostname ?? "?"), other));
}

export function isLive({ entry }: EntryView): boolean {
  return entry.target.kind === "launched" || entry.target.kind === "loaded";
}
