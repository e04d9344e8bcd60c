import {
  splitUnitName,
  type Incarnation,
  type MachineId,
  type Metadata,
  type ServiceName,
  type Sha256,
  type Timestamp,
  type Unit,
  type UnitName,
} from "@quarterdeck/model";
import { FLEET_DEFAULTS, type FleetOptions } from "@quarterdeck/units";
import type { ClusterView, MachineView, UnitView } from "../cluster-view.ts";

/** `m1` is id `0…01`, so that the order of names is the order of ids. */
export function machineId(index: number): MachineId {
  return String(index).padStart(32, "0") as MachineId;
}

/** A present machine `m<index>` of zone `z1` with `role=worker`. */
export function aMachine(index: number, changes: Partial<MachineView> = {}): MachineView {
  const metadata: Metadata = { role: "worker" };
  return {
    machine: machineId(index),
    hostname: `m${index}`,
    zone: "z1",
    metadata,
    cordoned: false,
    memoryMiB: null,
    cpuCores: null,
    diskFreePercent: null,
    presence: { kind: "present" },
    ...changes,
  };
}

export const NO_OPTIONS: FleetOptions = FLEET_DEFAULTS;

export type UnitChanges = {
  readonly options?: Partial<FleetOptions>;
  readonly unit?: Partial<Unit>;
  readonly incarnation?: number;
};

/** A launched unit, submitted by hand. */
export function aUnit(name: string, changes: UnitChanges = {}): UnitView {
  return {
    name: name as UnitName,
    incarnation: String(changes.incarnation ?? 1) as Incarnation,
    options: { ...NO_OPTIONS, ...changes.options },
    unit: {
      v: 1,
      hash: "a".repeat(64) as Sha256,
      target: "launched",
      generation: 1,
      origin: { kind: "submitted" },
      environment: {},
      submittedAt: at(0),
      ...changes.unit,
    },
  };
}

/** Replica `web@<index>.service` of a release. */
export function aReplica(name: string, release: number, changes: UnitChanges = {}): UnitView {
  const { prefix, instance } = splitUnitName(name as UnitName);
  const origin = { kind: "replica", service: prefix as ServiceName, index: Number(instance), release } as const;
  return aUnit(name, {
    ...changes,
    unit: { origin, environment: { IMAGE: `registry.lab:5000/${prefix}:${release}` }, ...changes.unit },
  });
}

export function aView(machines: readonly MachineView[], units: readonly UnitView[] = []): ClusterView {
  return {
    machines: new Map(machines.map((machine) => [machine.machine, machine])),
    units: new Map(units.map((unit) => [unit.name, unit])),
    statuses: new Map(),
    entries: [],
    states: [],
    mayActOnLosses: true,
    brakeReleased: new Set(),
    lossBudget: Number.POSITIVE_INFINITY,
    movedFrom: new Map(),
  };
}

export function withMachine(view: ClusterView, machine: MachineView): ClusterView {
  return { ...view, machines: new Map(view.machines).set(machine.machine, machine) };
}

export function withUnit(view: ClusterView, unit: UnitView): ClusterView {
  return { ...view, units: new Map(view.units).set(unit.name, unit) };
}

export function withoutUnit(view: ClusterView, name: UnitName): ClusterView {
  const units = new Map(view.units);
  const statuses = new Map(view.statuses);
  units.delete(name);
  statuses.delete(name);
  return { ...view, units, statuses };
}

/** Seconds after an arbitrary beginning. */
export function at(seconds: number): Timestamp {
  return new Date(Date.UTC(2026, 0, 1) + Math.round(seconds * 1000)).toISOString() as Timestamp;
}
