import type { CodedError } from "@quarterdeck/model";
import type { z } from "zod";
import type { MemberHealth } from "./cluster/member-health.ts";
import type { Leader } from "./election/observe-election.ts";
import type { Entry, Key, KeyRange, Revision, Where } from "./keyspace/key.ts";
import type { Locks } from "./lock/lock.ts";
import type { Page } from "./port.ts";
import type { PendingLimits } from "./watch/follower.ts";

/** Paths of PEM files, or their text. */
export type TlsMaterial = { readonly ca: string; readonly cert: string; readonly key: string };

export type EtcdOptions = {
  /** `https://host:port`, tried in random order; the next one takes over in under a second. */
  readonly endpoints: readonly string[];
  /** Null only for `http://` endpoints. */
  readonly tls: TlsMaterial | null;
  /** Begins and ends with `/`. */
  readonly prefix: string;
  /** Deadline of one unary call. @default 5000 */
  readonly callTimeoutMs?: number;
};

/** A condition of a transaction; all must hold. Made by {@link absent}, {@link present}, {@link modRevisionIs}, {@link createRevisionIs}. */
export type Condition =
  | { readonly kind: "absent"; readonly path: string }
  | { readonly kind: "present"; readonly path: string }
  | { readonly kind: "modRevision"; readonly path: string; readonly is: Revision }
  | { readonly kind: "createRevision"; readonly path: string; readonly is: Revision };

/** Made by {@link put} and {@link remove}, so that a value is checked against its key's schema when it is written down. */
export type Operation =
  | { readonly kind: "put"; readonly path: string; readonly json: string; readonly lease: string | null }
  | { readonly kind: "delete"; readonly path: string };

/** Keys that are read in the instant of a transaction, under names that the result then has. */
export type Reads = Readonly<Record<string, Key<unknown>>> & { readonly committed?: never; readonly revision?: never };

type NoReads = Readonly<Record<never, never>>;

/** What was found; null where there was no such key. To look at a value that cannot be understood throws ETCD_NEWER_VALUE or ETCD_CORRUPT_VALUE. */
export type Found<Asked extends Reads> = {
  readonly [Name in keyof Asked]: Asked[Name] extends Key<infer Value> ? Entry<Value> | null : never;
};

/**
 * All of `then` is written in one instant when all of `when` holds, and otherwise nothing: at most 128 writes and reads and 1.5 MiB. Read is what
 * stands there in that instant, before the writes. `transact({ when: [absent(key)], then: [put(key, value)], elseRead: { current: key } })` answers
 * `committed: true`, or `committed: false` with `current` as an entry of that key's type.
 */
export type Transaction<Then extends Reads = NoReads, Else extends Reads = NoReads> = {
  readonly when: readonly Condition[];
  readonly then: readonly Operation[];
  /** Read where the conditions hold: with a write of the same key, what it replaced. */
  readonly thenRead?: Then;
  /** Read where a condition does not hold. Nothing can be written there: it would pass by a leader's fence. */
  readonly elseRead?: Else;
  /**
   * Nobody else would write exactly this: a name of the caller's is in it, or only the caller writes these keys. Then the content tells whether a
   * transaction took effect whose reply was lost; else the same content may be somebody else's, and only a lease in it tells.
   * @default false
   */
  readonly unique?: boolean;
};

/** `committed: false` means that a condition did not hold and nothing was written. */
export type TransactionResult<Then extends Reads = NoReads, Else extends Reads = NoReads> =
  | ({ readonly committed: true; readonly revision: Revision } & Found<Then>)
  | ({ readonly committed: false; readonly revision: Revision } & Found<Else>);

/**
 * Runs a transaction. What was sent and not answered is found out where that can be done (see `Transaction.unique`).
 * @throws {CodedError} ETCD_TIMEOUT, ETCD_UNREACHABLE: it may have been written · ETCD_TOO_LARGE before anything is sent · ETCD_LEASE_LOST,
 * ETCD_FORBIDDEN: nothing was written
 */
export type Transact = <Then extends Reads = NoReads, Else extends Reads = NoReads>(
  transaction: Transaction<Then, Else>,
  signal: AbortSignal,
) => Promise<TransactionResult<Then, Else>>;

/** A value that this process cannot understand: `error.code` is ETCD_NEWER_VALUE or ETCD_CORRUPT_VALUE. */
export type Unreadable = { readonly path: string; readonly error: CodedError };

/** Keys of one revision. Asking for what lies outside of the snapshot's prefixes throws `INTERNAL`: it would look absent. */
export type Snapshot = {
  readonly revision: Revision;
  /** @throws {CodedError} ETCD_NEWER_VALUE, ETCD_CORRUPT_VALUE */
  get<Value>(key: Key<Value>): Entry<Value> | null;
  /** In key order, without the values that cannot be read: one bad value must not halt everybody; see {@link Snapshot.unreadable}. */
  list<Value>(range: KeyRange<Value>): readonly Entry<Value>[];
  /** What `list` left out; report it, and write none of these keys without a condition. */
  unreadable<Value>(range: KeyRange<Value>): readonly Unreadable[];
};

/** A snapshot that also answers by one of a range's named segments, at the cost of what it finds: all states of one unit. */
export type IndexedSnapshot = Snapshot & {
  /** As {@link Snapshot.list}, only the entries whose named segments are as `where` says: `listWhere(ranges.states, { unit })`. */
  listWhere<Value, Names extends string>(
    range: KeyRange<Value, Names>,
    where: Where<NoInfer<Names>>,
  ): readonly Entry<Value>[];
};

export type Listing<Value> = {
  readonly revision: Revision;
  readonly entries: readonly Entry<Value>[];
  readonly unreadable: readonly Unreadable[];
};

/** Raw change of one key: `json` null is a deletion. Values are decoded by the reader's key or range. */
export type Change = {
  readonly path: string;
  readonly json: string | null;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
};

/**
 * A batch holds every change up to its revision, of each key the last one only; a revision is never split over two batches, so that
 * applying batches in order shows no half of a transaction.
 */
export type FollowEvent =
  | { readonly kind: "batch"; readonly revision: Revision; readonly changes: readonly Change[] }
  /** Continuity was lost (compaction, restored or wiped cluster, cancelled watcher): start over from this. */
  | { readonly kind: "reset"; readonly snapshot: IndexedSnapshot; readonly why: string };

/** A prefix (or several) held in memory, kept current by follow; each read answers at `revision`. */
export type Mirror = AsyncDisposable &
  IndexedSnapshot & {
    /** Milliseconds since etcd last confirmed that this is current (change or progress notification). */
    ageMs(): number;
    /** Yields once at the start, then after every change or reset, coalesced while the reader is busy. */
    changes(signal: AbortSignal): AsyncIterable<{ readonly reset: boolean }>;
  };

export type Lease = AsyncDisposable & {
  /** Hexadecimal without padding, as in election keys; etcdctl takes it. */
  readonly id: string;
  readonly ttlSeconds: number;
  /**
   * Fires before etcd can have expired the lease, counted from the send time of the last acknowledged keep-alive. Reading `lease.lost` looks at
   * the clock; a listener is told by a timer, which after a pause of the process (SIGSTOP) may come after other work that is due: before an act
   * that needs the lease call {@link Lease.check}. The clock is CLOCK_MONOTONIC, which stands still while the whole machine is suspended (VM
   * pause, laptop lid): after that only etcd's own refusal protects, so whatever must not happen twice goes through a fence.
   */
  readonly lost: AbortSignal;
  /** Milliseconds until it counts as lost; 0 or less when it does. */
  leftMs(): number;
  /**
   * Yields, on `performance.now()`'s clock, when the newest acknowledged keep-alive (at first the grant) was sent: at once, then with each
   * acknowledgement, coalesced while the reader is busy. Ends when the lease is no longer kept alive, and by the signal.
   */
  renewals(signal: AbortSignal): AsyncIterable<number>;
  /** Of its TTL, after which part etcd is asked to keep it alive from now on: 5 for a fifth; a third unless told otherwise. */
  askEvery(part: number): void;
  /** @throws {CodedError} ETCD_LEASE_LOST when its time is over by the clock; `lost` has fired then. */
  check(): void;
  /** Stops keeping alive without revoking: another process may `resume` it. */
  detach(): Promise<void>;
};

/** One term of leadership. Its writes fail with `ETCD_FENCED` once another leader could exist. */
export type Term = AsyncDisposable & {
  readonly leaderKey: string;
  readonly fence: Revision;
  /** Fires when the lease is lost, the key is gone or the term was resigned. Reading it looks at the clock, as `Lease.lost` does. */
  readonly lost: AbortSignal;
  /** @throws {CodedError} ETCD_FENCED, ETCD_LEASE_LOST when it is over by the clock: for acts that no fence protects */
  check(): void;
  /** @throws {CodedError} ETCD_FENCED when this term is over; a failed condition of the caller's is `committed: false`. */
  readonly transact: Transact;
  /** Gives leadership up at once. */
  resign(): Promise<void>;
};

/**
 * The one door to etcd. Paths are relative to the prefix; values are checked against their schema both ways. Where prefixes are asked for, one
 * that ends in `/` means everything below it, another (`epoch`) that one key. When a signal is aborted promises reject with its reason and
 * iterables end.
 */
export type EtcdClient = AsyncDisposable & {
  get<Value>(key: Key<Value>, signal: AbortSignal): Promise<Entry<Value> | null>;
  list<Value>(range: KeyRange<Value>, signal: AbortSignal): Promise<Listing<Value>>;
  /**
   * The stored text of relative keys `[start, end)` (`end` null for one key), span after span, in key order, page by page at one revision: for
   * what is too long to be held, or has to be seen as it is stored. At least one page comes; ETCD_COMPACTED when the reader is too slow.
   */
  pages(
    spans: readonly { readonly start: string; readonly end: string | null }[],
    signal: AbortSignal,
  ): AsyncIterable<Page>;
  /** Reads everything below the prefixes (e.g. `["schedule/", "units/"]`) at one revision, paged. */
  snapshot(prefixes: readonly string[], signal: AbortSignal): Promise<IndexedSnapshot>;
  /**
   * Ends only by the signal; a denied read throws `ETCD_FORBIDDEN`. Without `from` it starts with a reset. What a busy reader has not taken
   * is coalesced; beyond `maxPending` (100,000 keys or 64 MiB by default) it is dropped, and the reader gets a reset.
   */
  follow(
    prefixes: readonly string[],
    options: { readonly from?: Revision; readonly maxPending?: PendingLimits },
    signal: AbortSignal,
  ): AsyncIterable<FollowEvent>;
  /** Resolves once the first snapshot is in; lives until disposed or aborted. */
  mirror(prefixes: readonly string[], signal: AbortSignal): Promise<Mirror>;
  readonly transact: Transact;
  grantLease(options: { readonly ttlSeconds: number }, signal: AbortSignal): Promise<Lease>;
  /** `null` when etcd no longer has the lease. */
  resumeLease(id: string, signal: AbortSignal): Promise<Lease | null>;
  /**
   * Waits until this process leads; the signal has no say once it does. `election` is a path such as `engine/leader`; keys below it follow etcd's
   * concurrency recipe, so that `etcdctl elect` takes part.
   */
  campaign(
    options: { readonly election: string; readonly value: unknown; readonly ttlSeconds: number },
    signal: AbortSignal,
  ): Promise<Term>;
  /**
   * The leader now, then each that follows, and each new value that one proclaims; null while there is none. Leaders whose whole term fell between
   * two looks of a slow reader are left out. Ends by the signal.
   */
  observe<Value>(
    options: { readonly election: string; readonly schema: z.ZodType<Value> },
    signal: AbortSignal,
  ): AsyncIterable<Leader<Value> | null>;
  readonly locks: Locks;
  /**
   * How each member of etcd is, over HTTP, without any permission; what is wrong is in the answer, which comes also when etcd is away
   * altogether, within a few seconds.
   */
  health(signal: AbortSignal): Promise<readonly MemberHealth[]>;
  /** Whether etcd holds users to their keys; wants no permission. */
  isAccessControlled(signal: AbortSignal): Promise<boolean>;
  /** Keys as etcd has them, for `fleet etcd get|set|ls`; absolute paths, values as they are. */
  readonly raw: {
    get(path: string, signal: AbortSignal): Promise<RawValue | null>;
    /** Refuses Quarterdeck's own prefix with `FORBIDDEN`. */
    put(path: string, value: string | Uint8Array, signal: AbortSignal): Promise<void>;
    /** In key order, all at one revision; `""` lists every key there is. */
    list(prefix: string, signal: AbortSignal): Promise<readonly { readonly path: string }[]>;
    members(signal: AbortSignal): Promise<readonly EtcdMember[]>;
  };
};

/** `value` is the text of `bytes`, which need not be text: whoever shows it looks first. */
export type RawValue = { readonly value: string; readonly bytes: Uint8Array; readonly modRevision: Revision };

/** One member as seen from here; `version`, `leader` and `databaseBytes` are null when it does not answer. */
export type EtcdMember = {
  readonly name: string;
  readonly id: string;
  readonly endpoint: string;
  readonly healthy: boolean;
  readonly leader: boolean | null;
  readonly version: string | null;
  readonly databaseBytes: number | null;
};
