import type { Term } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";

/** What candidates contend for: the name of its queue, and the key that nobody but the holder writes. */
export const contests = {
  election: { queue: "engine/leader", written: "written/by-leader" },
  lock: { queue: "locks/deploy", written: "written/by-lock" },
} as const;

export type ContestName = keyof typeof contests;

/** A hold that was acquired, until the end of the run. */
export type Holding = {
  readonly contest: ContestName;
  readonly key: string;
  readonly fence: Revision;
  readonly ttlSeconds: number;
  /** Its lease is nobody else's, so that its key is of this holding alone. */
  readonly ownLease: boolean;
  readonly handle: Pick<Term, "lost" | "transact"> & AsyncDisposable;
  /** Its holder gave it up, and believes in it no longer. */
  given: boolean;
  /** The world deleted its key or revoked its lease, of which no clock can tell. */
  evicted: boolean;
};

/** A write that a holder sent through its fence; `outcome` is the revision where it was acknowledged. */
export type FencedWrite = {
  readonly number: number;
  readonly contest: ContestName;
  readonly fence: Revision;
  /** Whether the holder believed in itself when it wrote. */
  readonly believed: boolean;
  outcome: Revision | "refused" | "unknown";
};

/** A holder that still believed in itself when another had acquired the same. */
export type Overlap = { readonly elder: Holding; readonly younger: Revision };

/** Who leads, as somebody who observes the election was told. */
export type Observed = Revision | null;
