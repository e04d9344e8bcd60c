import { keys, ranges, type Snapshot } from "@quarterdeck/etcd";
import { mergeMetadata, type MachineId, type Sha256, type UnitName } from "@quarterdeck/model";
import {
  movedFrom,
  type ClusterView,
  type MachinePresence,
  type MachineView,
  type UnitView,
} from "@quarterdeck/planner";
import { parseFleetOptions, parseUnitFile, type FleetOptions } from "@quarterdeck/units";
import type { LossVerdict } from "./loss-watch.ts";
import type { LossPace } from "./pace-losses.ts";
import { presentMachines } from "./present-machines.ts";

/** `[X-Fleet]` of a unit's text, or null when the text is missing or cannot be read; answered from memory where it was asked before. */
export type ReadOptions = (name: UnitName, hash: Sha256, text: string | null) => FleetOptions | null;

export type DerivedView = {
  readonly cluster: ClusterView;
  /**
   * Units of which something in etcd cannot be read, e.g. because a newer engine wrote it. The planner sees nothing of them, so that what
   * runs is neither stopped nor doubled by an engine that does not understand it.
   */
  readonly leftAlone: ReadonlySet<UnitName>;
};

/** The mirror as the planner wants it. */
export function deriveView(
  view: Snapshot,
  verdict: Pick<LossVerdict, "silences" | "mayActOnLosses"> & Pick<LossPace, "lossBudget">,
  readOptions: ReadOptions,
): DerivedView {
  const leftAlone = new Set<UnitName>([
    ...lastSegments(view.unreadable(ranges.units)),
    ...lastSegments(view.unreadable(ranges.schedules)),
    ...lastSegments(view.unreadable(ranges.statuses)),
  ]);
  const units = new Map<UnitName, UnitView>();
  for (const { names, value, createRevision } of view.list(ranges.units)) {
    const name = names[0] as UnitName;
    if (leftAlone.has(name)) continue;
    const options = readOptions(name, value.hash, view.get(keys.unitFile(value.hash))?.value.text ?? null);
    if (options === null) leftAlone.add(name);
    else
      units.set(name, { name, incarnation: String(createRevision) as UnitView["incarnation"], unit: value, options });
  }
  const known = (unit: UnitName): boolean => !leftAlone.has(unit);
  const cluster: ClusterView = {
    machines: deriveMachines(view, verdict),
    units,
    statuses: new Map(
      view
        .list(ranges.statuses)
        .filter(({ names }) => known(names[0] as UnitName))
        .map(({ names, value }) => [names[0] as UnitName, value]),
    ),
    entries: view
      .list(ranges.schedules)
      .filter(({ names }) => known(names[1] as UnitName))
      .map(({ names, value, modRevision }) => ({
        machine: names[0] as MachineId,
        unit: names[1] as UnitName,
        entry: value,
        modRevision,
      })),
    states: view
      .list(ranges.states)
      .filter(({ names }) => known(names[1] as UnitName))
      .map(({ names, value }) => ({ machine: names[0] as MachineId, unit: names[1] as UnitName, state: value })),
    mayActOnLosses: verdict.mayActOnLosses,
    brakeReleased: new Set(view.get(keys.brake())?.value.release?.machines),
    lossBudget: verdict.lossBudget,
    movedFrom: movedFrom(view.list(ranges.relocations).map(({ value }) => value)),
  };
  return { cluster, leftAlone };
}

/** Remembers options by unit and text, since a text never changes and every pass asks for all of them. */
export function createOptionsReader(): ReadOptions {
  const known = new Map<string, FleetOptions>();
  return (name, hash, text) => {
    const asked = `${name} ${hash}`;
    const found = known.get(asked);
    if (found !== undefined || text === null) return found ?? null;
    const document = parseUnitFile(text);
    const options = document.ok ? parseFleetOptions(document.value, name) : document;
    if (!options.ok) return null;
    known.set(asked, options.value);
    return options.value;
  };
}

function deriveMachines(
  view: Snapshot,
  { silences }: Pick<LossVerdict, "silences">,
): ReadonlyMap<MachineId, MachineView> {
  const present = presentMachines(view);
  const presences = new Map(view.list(ranges.presences).map(({ names, value }) => [names[0] as MachineId, value]));
  const records = new Map(view.list(ranges.machines).map(({ names, value }) => [names[0] as MachineId, value]));
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
