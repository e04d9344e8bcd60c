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
  const neighbours = view.entries.filter(
    (entry) => entry.machine === at.machine && entry.unit !== at.unit && isLive(entry),
  );
  for (const { unit: other } of neighbours) {
    const otherUnit = view.units.get(other);
    if (conflicts(unit, other) || (otherUnit !== undefined && conflicts(otherUnit, unit.name)))
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

export function conflicts({ options }: UnitView, other: UnitName): boolean {
  return options.conflicts.some((pattern) => matchesPattern(pattern, other));
}

export function isLive({ entry }: EntryView): boolean {
  return entry.target.kind === "launched" || entry.target.kind === "loaded";
}
