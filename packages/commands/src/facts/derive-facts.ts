import { keys, ranges, type Entry, type Snapshot } from "@quarterdeck/etcd";
import type { MachineId, Release, Relocation, Rollout, UnitName } from "@quarterdeck/model";
import type { Facts, MachineFacts, Placed } from "./facts.ts";

/** What {@link deriveFacts} reads; below the prefix. */
export const FACT_PREFIXES = [
  "agents/",
  "brake",
  "engine/leader/",
  "machines/",
  "reboots/",
  "releases/",
  "relocations/",
  "rollouts/",
  "schedule/",
  "services/",
  "status/",
  "units/",
] as const;

/** Indexes a snapshot (or a mirror) that holds {@link FACT_PREFIXES}; pure. */
export function deriveFacts(snapshot: Snapshot): Facts {
  const leaders = snapshot.list(ranges.leaders);
  return {
    revision: snapshot.revision,
    machines: machinesOf(snapshot),
    units: byUnit(snapshot.list(ranges.units)),
    statuses: byUnit(snapshot.list(ranges.statuses)),
    schedule: placedIn(snapshot.list(ranges.schedules)),
    states: placedIn(snapshot.list(ranges.states)),
    services: new Map(snapshot.list(ranges.services).map((entry) => [entry.value.service, entry.value])),
    releases: releasesOf(snapshot.list(ranges.releases)),
    rollouts: snapshot
      .list(ranges.rollouts)
      .map((entry): Rollout => entry.value)
      .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt) || a.id.localeCompare(b.id)),
    relocations: snapshot
      .list(ranges.relocations)
      .map((entry): Relocation => entry.value)
      .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt) || a.id.localeCompare(b.id)),
    brake: snapshot.get(keys.brake())?.value ?? null,
    reboots: snapshot.list(ranges.rebootGroups).map(({ names, value }) => ({ ...value, group: names[0] ?? "" })),
    // Candidates queue below the election's path; the oldest key leads.
    leader: leaders.toSorted((a, b) => Number(a.createRevision - b.createRevision))[0]?.value ?? null,
  };
}

function machinesOf(snapshot: Snapshot): ReadonlyMap<MachineId, MachineFacts> {
  const found = new Map<MachineId, MachineFacts>();
  for (const { names, value } of snapshot.list(ranges.machines)) {
    const machine = names[0] as MachineId;
    found.set(machine, { machine, record: value, presence: null });
  }
  for (const { names, value } of snapshot.list(ranges.presences)) {
    const machine = names[0] as MachineId;
    found.set(machine, { machine, record: found.get(machine)?.record ?? null, presence: value });
  }
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function byUnit<Value>(entries: readonly Entry<Value>[]): ReadonlyMap<UnitName, Entry<Value>> {
  return new Map(entries.map((entry) => [entry.names[0] as UnitName, entry]));
}

/** Entries of keys that name a machine and a unit, by those names. */
export function placedIn<Value>(entries: readonly Entry<Value>[]): readonly Placed<Value>[] {
  return entries.map((entry) => ({
    machine: entry.names[0] as MachineId,
    unit: entry.names[1] as UnitName,
    value: entry.value,
    modRevision: entry.modRevision,
  }));
}

function releasesOf(entries: readonly Entry<Release>[]): ReadonlyMap<string, readonly Release[]> {
  const found = Map.groupBy(
    entries.map((entry) => entry.value),
    (release): string => release.service,
  );
  return new Map([...found].map(([service, releases]) => [service, releases.toSorted((a, b) => a.number - b.number)]));
}
