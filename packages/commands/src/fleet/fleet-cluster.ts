import type { MachineId, Metadata, UnitName, UnitTarget } from "@quarterdeck/model";
import type { UnitOption } from "@quarterdeck/units";

/** A unit as fleet's API knows it. */
export type FleetUnit = {
  readonly name: UnitName;
  readonly options: readonly UnitOption[];
  readonly desired: UnitTarget;
  /** How far it has come; `inactive` for a global unit, which has as many answers as machines. */
  readonly current: UnitTarget;
  /** Where it was placed; `null` while it is nowhere, and for a global unit. */
  readonly machine: MachineId | null;
  readonly global: boolean;
};

/** What one machine's systemd says of one unit, in systemd's words. */
export type FleetState = {
  readonly unit: UnitName;
  /** fleet's own hash of the unit's options; `null` for what no unit file is known of. */
  readonly hash: string | null;
  readonly machine: MachineId;
  readonly load: string;
  readonly active: string;
  readonly sub: string;
};

export type FleetMachine = { readonly machine: MachineId; readonly address: string; readonly metadata: Metadata };

export type FleetFile = { readonly name: UnitName; readonly text: string };

/**
 * The cluster as fleet's API sees it. Reads show whatever this process changed before. Every call may throw what etcd throws; those that change
 * something also the engine's refusal, with the problem's own code, and `TIMED_OUT` when no engine answers.
 */
export type FleetCluster = {
  /** By name, in the order of its bytes. */
  units(signal: AbortSignal): Promise<readonly FleetUnit[]>;
  unit(name: UnitName, signal: AbortSignal): Promise<FleetUnit | null>;
  /** Of the machines that are there, by name and then by machine. */
  states(signal: AbortSignal): Promise<readonly FleetState[]>;
  /** Those that are there, by id. */
  machines(signal: AbortSignal): Promise<readonly FleetMachine[]>;
  /** Makes a unit, or gives the one of this name another text; either way `target` is what it then should be. */
  create(file: FleetFile, target: UnitTarget, signal: AbortSignal): Promise<void>;
  /** Returns when the engine has taken it up; what runs follows. */
  aim(name: UnitName, target: UnitTarget, signal: AbortSignal): Promise<void>;
  destroy(name: UnitName, signal: AbortSignal): Promise<void>;
  /** Over what the machine says of itself, key by key; an empty value takes the key away. */
  setMetadata(machine: MachineId, metadata: Metadata, signal: AbortSignal): Promise<void>;
  /** Returns once no machine that can be asked runs the unit, or after `patienceMs`. */
  stopped(name: UnitName, patienceMs: number, signal: AbortSignal): Promise<void>;
};
