import type { Entry, Revision } from "@quarterdeck/etcd";
import type {
  Brake,
  Leader,
  Machine,
  MachineId,
  Presence,
  RebootGroup,
  Release,
  Relocation,
  Rollout,
  ScheduleEntry,
  Service,
  Unit,
  UnitName,
  UnitState,
  UnitStatus,
} from "@quarterdeck/model";

/** The cluster at one revision, indexed for questions; everything that is derived starts from here. */
export type Facts = {
  readonly revision: Revision;
  /** Every machine that has a record or is present, by id, in id order. */
  readonly machines: ReadonlyMap<MachineId, MachineFacts>;
  readonly units: ReadonlyMap<UnitName, Entry<Unit>>;
  readonly statuses: ReadonlyMap<UnitName, Entry<UnitStatus>>;
  /** In key order: by machine, then by unit. */
  readonly schedule: readonly Placed<ScheduleEntry>[];
  readonly states: readonly Placed<UnitState>[];
  readonly services: ReadonlyMap<string, Service>;
  /** By service, oldest first. */
  readonly releases: ReadonlyMap<string, readonly Release[]>;
  /** Newest first. */
  readonly rollouts: readonly Rollout[];
  /** Drains and rebalances, newest first. */
  readonly relocations: readonly Relocation[];
  /** `null`: it is off, and was not released for anything that still lasts. */
  readonly brake: Brake | null;
  /** Machines that reboot or wait for it, by group. */
  readonly reboots: readonly (RebootGroup & { readonly group: string })[];
  /** The engine's leader; `null` while there is none. */
  readonly leader: Leader | null;
};

export type Placed<Value> = {
  readonly machine: MachineId;
  readonly unit: UnitName;
  readonly value: Value;
  readonly modRevision: Revision;
};

/** One machine: at least one of `record` and `presence` is there. */
export type MachineFacts = {
  readonly machine: MachineId;
  readonly record: Machine | null;
  /** `null`: its lease ended, or it has left; what it runs is not known. */
  readonly presence: Presence | null;
};
