import { keys, ranges, type Entry, type IndexedSnapshot } from "@quarterdeck/etcd";
import type { MachineId, Unit, UnitName } from "@quarterdeck/model";
import { copiesOf, type Copy } from "../facts/copies-of.ts";
import { placedIn } from "../facts/derive-facts.ts";
import type { MachineFacts } from "../facts/facts.ts";
import { addressOf, metadataOf } from "../facts/machine-words.ts";
import { deriveProgress } from "./derive-progress.ts";
import type { FleetMachine, FleetState, FleetUnit } from "./fleet-cluster.ts";
import type { UnitReader } from "./unit-reader.ts";

/** What {@link deriveFleetUnit} and its like read; below the prefix. */
export const FLEET_PREFIXES = ["agents/", "machines/", "schedule/", "status/", "unit-files/", "units/"] as const;

/** One unit; `null` when it does not exist. Costs what is known of that unit, not of the cluster. */
export function deriveFleetUnit(snapshot: IndexedSnapshot, texts: UnitReader, name: UnitName): FleetUnit | null {
  const unit = snapshot.get(keys.unit(name));
  return unit === null ? null : fleetUnit(snapshot, texts, { name, unit });
}

export function deriveFleetUnits(snapshot: IndexedSnapshot, texts: UnitReader): readonly FleetUnit[] {
  return snapshot
    .list(ranges.units)
    .map((unit) => fleetUnit(snapshot, texts, { name: unit.names[0] as UnitName, unit }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function deriveFleetStates(snapshot: IndexedSnapshot, texts: UnitReader): readonly FleetState[] {
  const present = new Set(snapshot.list(ranges.presences).map(({ names }) => names[0]));
  return snapshot
    .list(ranges.states)
    .flatMap(({ names: [machine, unit], value }): readonly FleetState[] => {
      // What systemd does not have is on its way out: fleet's machines no longer spoke of it.
      if (!present.has(machine) || value.load === "not-found") return [];
      const hash = value.hash === null ? null : (texts.read(snapshot, value.hash)?.hash ?? null);
      const { load, active, sub } = value;
      return [{ unit: unit as UnitName, machine: machine as MachineId, hash, load, active, sub }];
    })
    .toSorted((a, b) => (a.unit === b.unit ? order(a.machine, b.machine) : order(a.unit, b.unit)));
}

export function deriveFleetMachines(snapshot: IndexedSnapshot): readonly FleetMachine[] {
  return snapshot
    .list(ranges.presences)
    .map(({ names }): FleetMachine => {
      const facts = machineIn(snapshot, names[0] as MachineId);
      return { machine: facts.machine, address: addressOf(facts), metadata: metadataOf(facts) };
    })
    .toSorted((a, b) => order(a.machine, b.machine));
}

/** All copies of one unit. */
export function fleetCopies(snapshot: IndexedSnapshot, unit: UnitName): readonly Copy[] {
  const schedule = placedIn(snapshot.listWhere(ranges.schedules, { unit }));
  const states = placedIn(snapshot.listWhere(ranges.states, { unit }));
  const machines = new Map(
    [...schedule, ...states].map(({ machine }) => [machine, machineIn(snapshot, machine)] as const),
  );
  return copiesOf({ machines, schedule, states }, unit);
}

type Named = { readonly name: UnitName; readonly unit: Entry<Unit> };

function fleetUnit(snapshot: IndexedSnapshot, texts: UnitReader, { name, unit }: Named): FleetUnit {
  const { value, createRevision } = unit;
  const text = texts.read(snapshot, value.hash);
  const status = snapshot.get(keys.status(name))?.value;
  const placed = status?.incarnation === String(createRevision) && status.phase === "placed";
  const global = text?.global ?? status?.phase === "global";
  return {
    name,
    options: text?.options ?? [],
    desired: value.target,
    current: global ? "inactive" : deriveProgress(value.target, fleetCopies(snapshot, name)),
    machine: placed ? status.machine : null,
    global,
  };
}

function machineIn(snapshot: IndexedSnapshot, machine: MachineId): MachineFacts {
  return {
    machine,
    record: snapshot.get(keys.machine(machine))?.value ?? null,
    presence: snapshot.get(keys.presence(machine))?.value ?? null,
  };
}

const order = (a: string, b: string): number => (a < b ? -1 : a === b ? 0 : 1);
