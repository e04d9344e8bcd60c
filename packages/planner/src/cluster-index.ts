import type { MachineId, UnitName, UnitState } from "@quarterdeck/model";
import type { ClusterView, EntryView, MachineView, UnitView } from "./cluster-view.ts";

/** The view, arranged for looking things up; every list is in a fixed order, so that equal views give equal plans. */
export type ClusterIndex = {
  /** By id. */
  readonly machines: readonly MachineView[];
  /** Oldest incarnation first, so that of two units in each other's way the newer one yields; then by name. */
  readonly units: readonly UnitView[];
  /** By machine id; for units that exist and units that do not, which are in no order. */
  readonly entriesOf: ReadonlyMap<UnitName, readonly EntryView[]>;
  stateOf(machine: MachineId, unit: UnitName): UnitState | null;
  /** The host name, which is what a person knows a machine by; its id when the machine was never seen. */
  nameOf(machine: MachineId): string;
};

export function indexView(view: ClusterView): ClusterIndex {
  const entriesOf = groupByUnit(view.entries);
  const statesOf = groupByUnit(view.states);
  return {
    machines: [...view.machines.values()].toSorted((left, right) => compareText(left.machine, right.machine)),
    units: [...view.units.values()].toSorted(compareAge),
    entriesOf,
    stateOf: (machine, unit) => statesOf.get(unit)?.find((known) => known.machine === machine)?.state ?? null,
    nameOf: (machine) => view.machines.get(machine)?.hostname ?? machine,
  };
}

/** Each list by machine id; most have one item. */
function groupByUnit<Item extends { readonly machine: MachineId; readonly unit: UnitName }>(
  items: readonly Item[],
): ReadonlyMap<UnitName, readonly Item[]> {
  const byUnit = new Map<UnitName, Item[]>();
  for (const item of items) {
    const list = byUnit.get(item.unit);
    if (list === undefined) byUnit.set(item.unit, [item]);
    else list.push(item);
  }
  for (const list of byUnit.values())
    if (list.length > 1) list.sort((left, right) => compareText(left.machine, right.machine));
  return byUnit;
}

/** By UTF-16 code unit: the same everywhere, unlike what a locale would say. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareAge(left: UnitView, right: UnitView): number {
  // Decimal numbers without leading zeros: the shorter is the smaller. As big integers they would cost most of a pass.
  return (
    left.incarnation.length - right.incarnation.length ||
    compareText(left.incarnation, right.incarnation) ||
    compareText(left.name, right.name)
  );
}
