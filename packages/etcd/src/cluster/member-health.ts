import type { Problem } from "@quarterdeck/model";

/** NOSPACE: etcd takes only reads and deletions · CORRUPT: members hold different data. Of the cluster, as the member knows them. */
export type EtcdAlarm = "NOSPACE" | "CORRUPT";

/** One member of etcd as seen from here and now; what is not known is null. */
export type MemberHealth = {
  readonly endpoint: string;
  /** Null as long as nobody could tell the cluster's members. */
  readonly name: string | null;
  /** Hexadecimal, as etcdctl has it. */
  readonly id: string | null;
  /** How far we came: no such name, no connection, none with certificates, no answer that is etcd's; null when it answered. */
  readonly failedAt: "name" | "tcp" | "tls" | "etcd" | null;
  /** It says so itself: it has a leader, can read with the quorum, and no alarm is on. */
  readonly healthy: boolean;
  readonly hasLeader: boolean | null;
  /** Whether it is the leader. */
  readonly leader: boolean | null;
  readonly version: string | null;
  /** The file's size; what of it holds data (less after compaction, until it is defragmented); and where NOSPACE begins. */
  readonly databaseBytes: number | null;
  readonly inUseBytes: number | null;
  readonly quotaBytes: number | null;
  readonly alarms: readonly EtcdAlarm[];
  /** By our clock, milliseconds since the epoch. */
  readonly answeredAt: number | null;
  /** The member's clock less ours; etcd tells whole seconds, so below a second it is 0. */
  readonly clockDifferenceMs: number | null;
  /** Why it is not healthy, in one line; null when it is. */
  readonly problem: Problem | null;
  /** A version with a known hole, in one line. */
  readonly warning: string | null;
};
