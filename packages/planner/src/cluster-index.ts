import type { MachineId, UnitName, UnitState } from "@quarterdeck/model";
import type { ClusterView, EntryView, MachineView, UnitView } from "./cluster-view.ts";

/** The view, arranged for looking things up; every list is in a fixed order, so that equal views give equal plans. */
export type ClusterIndex = {
  /** By id. */
  readonly machines: readonly MachineView[];
  /** Oldest incarnation first, so that of two units in each other's way the newer one yields; then by name. */
  readonly units: readonly UnitView[];
  /** By unit, then machine id; for units that exist and units that do not. */
  readonly entriesOf: ReadonlyMap<UnitName, readonly EntryView[]>;
  stateOf(machine: MachineId, unit: UnitName): UnitState | null;
  /** The host name, which is what a person knows a machine by; its id when the machine was never seen. */
  nameOf(machine: MachineId): string;
};

export function indexView(view: ClusterView): ClusterIndex {
  const entriesOf = new Map<UnitName, EntryView[]>();
  for (const entry of view.entries.toSorted(
    (left, right) => compareText(left.unit, right.unit) || compareText(left.machine, right.machine),
  )) {
    const list = entriesOf.get(entry.unit);
    if (list === undefined) entriesOf.set(entry.unit, [entry]);
    else list.push(entry);
  }
  const states = new Map(view.states.map(({ machine, unit, state }) => [`${machine}/${unit}`, state]));
  return {
    machines: [...view.machines.values()].toSorted((left, right) => compareText(left.machine, right.machine)),
    units: [...view.units.values()].toSorted(compareAge),
    entriesOf,
    stateOf: (machine, unit) => states.get(`${machine}/${unit}`) ?? null,
    nameOf: (machine) => view.machines.get(machine)?.hostname ?? machine,
  };
}

/** By UTF-16 code unit: the same everywhere, unlike what a locale would say. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareAge(left: UnitView, right: UnitView): number {
  const difference = BigInt(left.incarnation) - BigInt(right.incarnation);
  return difference < 0n ? -1 : difference > 0n ? 1 : compareText(left.name, right.name);
}
