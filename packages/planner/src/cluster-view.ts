import type {
  Incarnation,
  MachineId,
  Metadata,
  ScheduleEntry,
  Timestamp,
  Unit,
  UnitName,
  UnitState,
  UnitStatus,
} from "@quarterdeck/model";
import type { FleetOptions } from "@quarterdeck/units";

/** The cluster at one revision of etcd, with what the clock and the leader add to it. Everything that is planned is planned from this. */
export type ClusterView = {
  /** Every machine that ever joined, present or not. */
  readonly machines: ReadonlyMap<MachineId, MachineView>;
  readonly units: ReadonlyMap<UnitName, UnitView>;
  readonly statuses: ReadonlyMap<UnitName, UnitStatus>;
  readonly entries: readonly EntryView[];
  readonly states: readonly StateView[];
  /** False until the leader's mirror has been current for one lease TTL: until then no silence counts as a loss. */
  readonly mayActOnLosses: boolean;
  /** Machines whose loss a person has looked at: the brake does not hold for them. */
  readonly brakeReleased: ReadonlySet<MachineId>;
  /** How many more machines may be declared lost now, where they are not all of one zone. */
  readonly lossBudget: number;
  /** Where units were that a move has stopped, or is stopping, to start them elsewhere; see {@link movedFrom}. */
  readonly movedFrom: ReadonlyMap<UnitName, MachineId>;
};

export type MachineView = {
  readonly machine: MachineId;
  readonly hostname: string;
  readonly zone: string;
  /** The operator's over the machine's own, key by key. */
  readonly metadata: Metadata;
  readonly cordoned: boolean;
  /** What units can reserve of it, all of what the machine has; `null` is not known, and then there is no limit. */
  readonly memoryMiB: number | null;
  readonly cpuCores: number | null;
  /** Of the file system that holds the containers. */
  readonly diskFreePercent: number | null;
  readonly presence: MachinePresence;
};

export type MachinePresence =
  | { readonly kind: "present" }
  | {
      readonly kind: "silent";
      /** When its lease was found gone, on the engine's clock. */
      readonly since: Timestamp;
      /** The grace after the end of the lease is over. */
      readonly graceOver: boolean;
      /** `machines/<id>.lostAt` is set: an earlier plan has already treated it as lost. */
      readonly declaredLost: boolean;
    };

export type UnitView = {
  readonly name: UnitName;
  readonly incarnation: Incarnation;
  readonly unit: Unit;
  /** Of the unit's own text, specifiers expanded for its name. */
  readonly options: FleetOptions;
};

export type EntryView = {
  readonly machine: MachineId;
  readonly unit: UnitName;
  readonly entry: ScheduleEntry;
  readonly modRevision: bigint;
};

export type StateView = { readonly machine: MachineId; readonly unit: UnitName; readonly state: UnitState };
