import type { LockSteal, Timestamp } from "@quarterdeck/model";
import type { Transact } from "../client.ts";
import type { LeaseSource } from "../election/stand.ts";
import type { Revision } from "../keyspace/key.ts";

/**
 * Who wants the lock `locks/<scope>` and why: text for people, cut to 200 and 1,000 characters and freed of control characters; the holder may not
 * be empty. With `ttlSeconds` the lock has a lease of its own; with `lease` it goes when that lease does, and outlives its holder's process if the
 * lease is detached.
 */
export type LockOptions = { readonly scope: string; readonly holder: string; readonly reason: string } & LeaseSource;

/** A lock that is held. Disposing it releases it, any number of times. */
export type Lock = AsyncDisposable & {
  readonly scope: string;
  /** `locks/<scope>/<lease id in hex>`, as `etcdctl lock` makes it. */
  readonly key: string;
  /** Rises from holder to holder: for the writes of systems that are not etcd. */
  readonly fence: Revision;
  /**
   * Fires when the lease is lost, the key is gone (when it was stolen, its reason names the thief) or the lock was released. Reading it looks at
   * the clock, as `Lease.lost` does.
   */
  readonly lost: AbortSignal;
  /** @throws {CodedError} ETCD_FENCED, ETCD_LEASE_LOST when it is no longer held: for acts that no fence protects */
  check(): void;
  /** @throws {CodedError} ETCD_FENCED when it is no longer held; a failed condition of the caller's is `committed: false`. */
  readonly transact: Transact;
  /**
   * Gives it to the next in the queue at once.
   * @throws {CodedError} ETCD_UNREACHABLE, ETCD_TIMEOUT under the caller's lease, when the key may still stand; may be called again
   */
  release(): Promise<void>;
};

/** One who holds or waits; holder, reason and time are null where another tool (`etcdctl lock`) or a newer Quarterdeck wrote them. */
export type LockClaim = {
  readonly key: string;
  readonly fence: Revision;
  readonly leaseHex: string | null;
  /** 0 holds, 1 is next. */
  readonly position: number;
  readonly holder: string | null;
  readonly reason: string | null;
  /** When it began to hold, or else to wait, on its own clock. */
  readonly since: Timestamp | null;
  /** By this computer's clock, never negative. */
  readonly ageSeconds: number | null;
};

export type LockListing = {
  readonly scope: string;
  readonly revision: Revision;
  /** In the order of their turn; empty when nobody holds it. */
  readonly claims: readonly LockClaim[];
  /** The last first, at most 32; empty also when a newer Quarterdeck wrote them. */
  readonly steals: readonly LockSteal[];
};

/**
 * Locks by etcd's own concurrency recipe: `etcdctl lock <prefix>locks/<scope>` waits for them, and they wait for it. A scope is one segment of a
 * key: ETCD_INVALID_KEY for what is empty, `..`, or has a slash or a control character. INVALID_CONFIG is thrown for a TTL that is none.
 */
export type Locks = {
  /**
   * Waits for its turn until the signal is aborted; the signal has no say once the lock is held.
   * @throws {CodedError} CONFLICT when the caller's lease stands in the queue already; ETCD_LEASE_LOST when it is lost
   */
  acquire(options: LockOptions, signal: AbortSignal): Promise<Lock>;
  /** Null when its turn has not come within `waitMs` (0: at once); then nothing of it is left in the queue. */
  attempt(options: LockOptions & { readonly waitMs?: number }, signal: AbortSignal): Promise<Lock | null>;
  /**
   * Takes the lock from whoever holds it; the claim is removed in the same transaction that records who took it from whom, why and when. With `from`
   * only the holder of that fence is robbed. Quarterdecks that waited stand again behind the thief. An `etcdctl lock` that held is not told, and one
   * that waited ends with an error; that of etcd 3.4, given a command, runs it all the same (`lock lost on init` comes too late).
   * @throws {CodedError} ETCD_CONFLICT when another holds than `from`, or another thief was faster
   */
  steal(options: LockOptions & { readonly from?: Revision }, signal: AbortSignal): Promise<Lock>;
  /** Takes over the lock that an earlier process held under a lease that was resumed; null when that lease does not hold it. */
  resume(
    options: { readonly scope: string } & Extract<LeaseSource, { lease: unknown }>,
    signal: AbortSignal,
  ): Promise<Lock | null>;
  read(scope: string, signal: AbortSignal): Promise<LockListing>;
  /** All locks that are held or were ever stolen, by scope, at one revision. */
  list(signal: AbortSignal): Promise<readonly LockListing[]>;
};
