import { keys, ranges, type Entry, type Snapshot } from "@quarterdeck/etcd";
import { mergeMetadata, type MachineId, type Machine, type Presence, type UnitName } from "@quarterdeck/model";
import {
  movedFrom,
  type ClusterView,
  type MachinePresence,
  type MachineView,
  type UnitView,
} from "@quarterdeck/planner";
import type { LossVerdict } from "./loss-watch.ts";
import type { LossPace } from "./pace-losses.ts";
import { presentMachines } from "./present-machines.ts";
import type { ViewMemory } from "./view-memory.ts";

/** What the clock adds to the keys. */
type Verdict = Pick<LossVerdict, "silences" | "mayActOnLosses"> & Pick<LossPace, "lossBudget">;

export type DerivedView = {
  readonly cluster: ClusterView;
  /**
   * Units of which something in etcd cannot be read, e.g. because a newer engine wrote it. The planner sees nothing of them, so that what
   * runs is neither stopped nor doubled by an engine that does not understand it.
   */
  readonly leftAlone: ReadonlySet<UnitName>;
};

/**
 * The mirror as the planner wants it. Parts whose keys have not changed since the memory was last used are the very objects of then, and so is
 * each state.
 */
export function deriveView(
  view: Snapshot,
  { silences, mayActOnLosses, lossBudget }: Verdict,
  memory: ViewMemory,
): DerivedView {
  const { units, leftAlone } = deriveUnits(view, memory);
  const known = (unit: UnitName): boolean => !leftAlone.has(unit);
  const of = <Value, Made>(name: string, list: readonly Value[], make: () => Made): Made =>
    memory.part(name, [list, leftAlone], make);
  const statuses = view.list(ranges.statuses);
  const entries = view.list(ranges.schedules);
  const states = view.list(ranges.states);
  const brake = view.get(keys.brake());
  const relocations = view.list(ranges.relocations);
  const cluster: ClusterView = {
    machines: deriveMachines(view, silences, memory),
    units,
    statuses: of(
      "statuses",
      statuses,
      () =>
        new Map(
          statuses
            .filter(({ names }) => known(names[0] as UnitName))
            .map(({ names, value }) => [names[0] as UnitName, value]),
        ),
    ),
    entries: of("entries", entries, () =>
      entries
        .filter(({ names }) => known(names[1] as UnitName))
        .map(({ names, value, modRevision }) => ({
          machine: names[0] as MachineId,
          unit: names[1] as UnitName,
          entry: value,
          modRevision,
        })),
    ),
    states: of("states", states, () =>
      states
        .filter(({ names }) => known(names[1] as UnitName))
        .map(({ names, value }) =>
          memory.item(value, () => ({ machine: names[0] as MachineId, unit: names[1] as UnitName, state: value })),
        ),
    ),
    mayActOnLosses,
    brakeReleased: memory.part("brake", [brake?.modRevision], () => new Set(brake?.value.release?.machines)),
    lossBudget,
    movedFrom: memory.part("moves", [relocations], () => movedFrom(relocations.map(({ value }) => value))),
  };
  return { cluster, leftAlone };
}

type Units = { readonly units: ReadonlyMap<UnitName, UnitView>; readonly leftAlone: ReadonlySet<UnitName> };

function deriveUnits(view: Snapshot, memory: ViewMemory): Units {
  const stored = view.list(ranges.units);
  const unreadable = [ranges.units, ranges.schedules, ranges.statuses].flatMap((range) =>
    lastSegments(view.unreadable<unknown>(range)),
  );
  const make = (): Units => readUnits(view, unreadable, memory);
  const made = memory.part("units", [stored, unreadable.length], make);
  // What was left alone may become readable without a change of a unit: its text arrives, or its status.
  return made.leftAlone.size === 0 ? made : make();
}

function readUnits(view: Snapshot, unreadable: readonly UnitName[], memory: ViewMemory): Units {
  const leftAlone = new Set(unreadable);
  const units = new Map<UnitName, UnitView>();
  for (const { names, value, createRevision } of view.list(ranges.units)) {
    const name = names[0] as UnitName;
    if (leftAlone.has(name)) continue;
    const text = (): string | null => view.get(keys.unitFile(value.hash))?.value.text ?? null;
    const options = memory.readOptions(name, value.hash, text);
    if (options === null) leftAlone.add(name);
    else
      units.set(name, { name, incarnation: String(createRevision) as UnitView["incarnation"], unit: value, options });
  }
  return { units, leftAlone };
}

function deriveMachines(
  view: Snapshot,
  silences: LossVerdict["silences"],
  memory: ViewMemory,
): ReadonlyMap<MachineId, MachineView> {
  const presences = view.list(ranges.presences);
  const records = view.list(ranges.machines);
  const isQuiet = silences.size === 0;
  // Who is silent matters, and since when; where nobody is, only the keys do, those that cannot be read among them.
  const inputs = [presences, view.unreadable(ranges.presences), records, isQuiet ? null : silences];
  return memory.part("machines", inputs, () => readMachines(view, silences, { presences, records }));
}

function readMachines(
  view: Snapshot,
  silences: LossVerdict["silences"],
  stored: {
    readonly presences: readonly Entry<Presence>[];
    readonly records: readonly Entry<Machine>[];
  },
): ReadonlyMap<MachineId, MachineView> {
  const present = presentMachines(view);
  const presences = new Map(stored.presences.map(({ names, value }) => [names[0] as MachineId, value]));
  const records = new Map(stored.records.map(({ names, value }) => [names[0] as MachineId, value]));
  const machines = new Map<MachineId, MachineView>();
  for (const machine of new Set([...presences.keys(), ...records.keys()])) {
    const record = records.get(machine);
    const facts = presences.get(machine) ?? record?.lastPresence;
    if (facts === undefined) continue;
    const silence = silences.get(machine);
    const presence: MachinePresence =
      present.has(machine) || silence === undefined
        ? { kind: "present" }
        : { kind: "silent", ...silence, declaredLost: typeof record?.lostAt === "string" };
    machines.set(machine, {
      machine,
      hostname: facts.hostname,
      zone: facts.zone,
      metadata: mergeMetadata(facts.metadata, record?.metadata ?? {}),
      cordoned: record?.cordoned ?? false,
      memoryMiB: facts.capacity.memoryMiB,
      cpuCores: facts.capacity.cpus,
      diskFreePercent: facts.disk?.freePercent ?? null,
      presence,
    });
  }
  return machines;
}

function lastSegments(unreadable: readonly { readonly path: string }[]): readonly UnitName[] {
  return unreadable.map(({ path }) => path.slice(path.lastIndexOf("/") + 1) as UnitName);
}
