import type { MachineId, Reason, RebootGroup, Relocation, Rollout, Timestamp } from "@quarterdeck/model";
import type { ClusterView } from "./cluster-view.ts";

/** What is looked at before a machine may reboot. */
export type RebootView = {
  readonly cluster: ClusterView;
  /** By name; a group that nobody is in need not be there. */
  readonly groups: ReadonlyMap<string, RebootGroup>;
  readonly relocations: readonly Relocation[];
  readonly rollouts: readonly Rollout[];
  /** Of machines that are present: tells what runs now from what was reported before a reboot. */
  readonly bootIds: ReadonlyMap<MachineId, string>;
  readonly etcd: EtcdStanding;
  /** Of each group; at least 1. */
  readonly slots: number;
  /** How long a machine may take to be back, before it is said that it is not. */
  readonly overdueSeconds: number;
};

export type EtcdStanding = {
  /** Machines that etcd members live on. */
  readonly machines: ReadonlySet<MachineId>;
  /** Names of members that do not do well. */
  readonly unhealthy: readonly string[];
};

/** One change of one group, for one transaction. */
export type RebootStep = {
  /**
   * `take`: a slot is taken, and its machine's drain ordered · `drain`: another drain of a holder · `grant`: it may reboot · `release`: the slot
   * is free again · `say`: only reasons changed.
   */
  readonly kind: "take" | "drain" | "grant" | "release" | "say";
  readonly group: string;
  /** The group afterwards. */
  readonly after: RebootGroup;
  /** Whom it is about; `null` where only reasons changed. */
  readonly machine: MachineId | null;
  /** What `machines/<machine>` is to say; `null`: it stays as it is. */
  readonly cordoned: boolean | null;
  /** To be written anew, with `take` and `drain`. */
  readonly relocation: Relocation | null;
  readonly reason: Reason;
};

export type RebootPlan = {
  /** The one next step; the others follow from what stands then. */
  readonly step: RebootStep | null;
  /** When to plan again although nothing may have changed; `null` when only a change can matter. */
  readonly wakeAt: Timestamp | null;
};
