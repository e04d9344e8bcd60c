import { isWell, type MachineId, type UnitName, type UnitState, type UnitStatus } from "@quarterdeck/model";
import type { ClusterView, EntryView, MachineView, UnitView } from "./cluster-view.ts";
import { isLive } from "./wanted-entry.ts";

/** One replica as the facts have it. */
export type ReplicaFacts = {
  readonly unit: UnitView | null;
  /** Its live entry; `null` while it has no machine. */
  readonly entry: EntryView | null;
  readonly machine: MachineView | null;
  readonly state: UnitState | null;
  readonly status: UnitStatus | null;
};

/** Facts by unit, for the units asked for. */
export function observeReplicas(view: ClusterView, units: readonly UnitName[]): ReadonlyMap<UnitName, ReplicaFacts> {
  const asked = new Set(units);
  const entries = new Map<UnitName, EntryView>();
  for (const entry of view.entries) if (asked.has(entry.unit) && isLive(entry.entry)) entries.set(entry.unit, entry);
  const states = new Map<string, UnitState>();
  for (const { machine, unit, state } of view.states) if (asked.has(unit)) states.set(pair(machine, unit), state);
  return new Map(
    units.map((unit) => {
      const entry = entries.get(unit) ?? null;
      return [
        unit,
        {
          unit: view.units.get(unit) ?? null,
          entry,
          machine: entry === null ? null : (view.machines.get(entry.machine) ?? null),
          state: entry === null ? null : (states.get(pair(entry.machine, unit)) ?? null),
          status: view.statuses.get(unit) ?? null,
        },
      ];
    }),
  );
}

const pair = (machine: MachineId, unit: UnitName): string => `${machine}/${unit}`;

/** Whether what runs is the release, as the unit's record asks for it, and not what ran before. */
export function runsRelease({ unit, state }: ReplicaFacts, release: number): boolean {
  if (unit === null || state === null || unit.unit.origin.kind !== "replica" || unit.unit.origin.release !== release)
    return false;
  return (
    state.incarnation === unit.incarnation && state.generation === unit.unit.generation && state.release === release
  );
}

/** Runs the release, active, healthy or without a check, on a machine that answers. */
export function isHealthy(facts: ReplicaFacts, release: number): boolean {
  if (!runsRelease(facts, release) || facts.machine?.presence.kind !== "present" || facts.state === null) return false;
  return isWell(facts.state);
}
