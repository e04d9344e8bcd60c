import type { EtcdMember, FollowEvent, Lease, Reads, Transaction } from "./client.ts";
import type { MemberHealth } from "./cluster/member-health.ts";
import type { KeyTable } from "./keyspace/key-table.ts";
import type { Revision } from "./keyspace/key.ts";
import type { Span } from "./keyspace/read-range.ts";
import type { PendingLimits } from "./watch/follower.ts";

/** A key with its text as etcd has it; never changed once made. `path` is relative to the prefix. */
export type StoredValue = {
  readonly path: string;
  readonly json: string;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
};

/** Some values of a longer read, in key order; `revision` is the same for all pages of one read. */
export type Page = { readonly revision: Revision; readonly values: readonly StoredValue[] };

/** A {@link FollowEvent} whose reset carries a table that is the receiver's to keep and change. */
export type PortFollowEvent =
  | Extract<FollowEvent, { kind: "batch" }>
  | { readonly kind: "reset"; readonly snapshot: KeyTable; readonly why: string };

export type FollowOptions = {
  readonly from?: Revision;
  readonly maxPending?: PendingLimits;
  readonly onConfirmed?: () => void;
};

export type PortTransaction = Transaction<Reads, Reads>;

/** `found` is what stood at the keys of `thenRead` or of `elseRead`, in their order. */
export type PortTransactionResult = {
  readonly committed: boolean;
  readonly revision: Revision;
  readonly found: readonly (StoredValue | null)[];
};

/**
 * What a store must do so that a client can be made of it: etcd over gRPC, or the fake in memory. Everything above (decoding, mirrors,
 * elections, fencing, requests) is written once. A path that ends in `/` (or is empty) means all keys below it, another means that one key.
 */
export type EtcdPort = AsyncDisposable & {
  /** Begins and ends with `/`. */
  readonly prefix: string;
  /** Reads all of `paths` at one revision; values in no particular order. */
  read(
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly revision: Revision; readonly values: readonly StoredValue[] }>;
  /** Reads spans of relative keys in key order, page by page, all at one revision. See `EtcdClient.pages`. */
  pages(spans: readonly Span[], signal: AbortSignal): AsyncIterable<Page>;
  transact(transaction: PortTransaction, signal: AbortSignal): Promise<PortTransactionResult>;
  /** `onConfirmed` is called whenever etcd says that nothing was missed, changes or none. */
  follow(paths: readonly string[], options: FollowOptions, signal: AbortSignal): AsyncIterable<PortFollowEvent>;
  grantLease(options: { readonly ttlSeconds: number }, signal: AbortSignal): Promise<Lease>;
  resumeLease(id: string, signal: AbortSignal): Promise<Lease | null>;
  /** An absolute key; null when it is not there. */
  rawGet(path: string, signal: AbortSignal): Promise<{ readonly bytes: Buffer; readonly modRevision: Revision } | null>;
  /** Absolute keys `[start, end)` in key order, without their values; `"\0"` is no end. */
  rawKeys(start: string, end: string, signal: AbortSignal): Promise<readonly string[]>;
  rawPut(path: string, value: string | Uint8Array, signal: AbortSignal): Promise<void>;
  isAccessControlled: (signal: AbortSignal) => Promise<boolean>;
  health: (signal: AbortSignal) => Promise<readonly MemberHealth[]>;
  members: (signal: AbortSignal) => Promise<readonly EtcdMember[]>;
};
