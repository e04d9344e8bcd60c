import { CodedError } from "@quarterdeck/model";
import type { EtcdClient, Lease } from "../client.ts";
import { checkPath } from "../keyspace/check-path.ts";
import type { Revision } from "../keyspace/key.ts";
import { awaitTurn } from "./await-turn.ts";
import { enterQueue } from "./enter-queue.ts";
import { leaveQuietly } from "./leave-quietly.ts";
import type { Place } from "./read-queue.ts";
import { removeDoubtfulPlace, removePlace } from "./remove-place.ts";

/** A lease of its own, revoked at the end, or one of the caller's, which outlives it. */
export type LeaseSource = { readonly ttlSeconds: number } | { readonly lease: Lease };

export type Candidacy = {
  readonly name: string;
  readonly lease: LeaseSource;
  /** What is put at the place; asked again when the place was lost. */
  readonly describe: () => string;
  /** Makes way for a place that stands in the queue. Without it others are waited for. */
  readonly overtake?: (place: Pick<Place, "path" | "fence">, signal: AbortSignal) => Promise<void>;
  /** False: null unless the turn comes at once. @default true */
  readonly patient?: boolean;
};

export type Held = {
  readonly path: string;
  readonly fence: Revision;
  readonly lease: Lease;
  /** Gives the place up, so that the next in the queue has it at once. */
  readonly leave: () => Promise<void>;
};

/**
 * Enters the queue of an election or a lock and waits for the turn. A place that is lost while waiting (its lease ended, somebody removed it) is
 * taken anew; a loss of the caller's own lease ends it with ETCD_LEASE_LOST. Whoever leaves without holding leaves no key behind.
 */
export async function stand(
  client: EtcdClient,
  candidacy: Candidacy & { readonly patient?: never },
  signal: AbortSignal,
): Promise<Held>;
export async function stand(client: EtcdClient, candidacy: Candidacy, signal: AbortSignal): Promise<Held | null>;
export async function stand(client: EtcdClient, candidacy: Candidacy, signal: AbortSignal): Promise<Held | null> {
  checkPath(candidacy.name);
  const { lease: source } = candidacy;
  for (;;) {
    const own = "ttlSeconds" in source;
    const lease = own ? await client.grantLease(source, signal) : source.lease;
    try {
      const held = await standWith(client, { ...candidacy, lease, own }, signal);
      if (held !== "gone") return held;
    } catch (error) {
      if (signal.aborted || !own || !isPassing(lease, error)) throw error;
    }
    signal.throwIfAborted();
  }
}

type Attempt = Omit<Candidacy, "lease"> & { readonly lease: Lease; readonly own: boolean };

async function standWith(client: EtcdClient, attempt: Attempt, signal: AbortSignal): Promise<Held | "gone" | null> {
  const { name, lease, own } = attempt;
  const path = `${name}/${lease.id}`;
  const text = attempt.describe();
  const until = AbortSignal.any([signal, lease.lost]);
  let fence: Revision | null = null;
  const leave = async (): Promise<void> => {
    if (own) await lease[Symbol.asyncDispose]();
    else await (fence === null ? removeDoubtfulPlace(client, { path, text }) : removePlace(client, { path, fence }));
  };
  try {
    // Under a lease that stays, a write that was broken off could come to stand later, with nobody to take it away: its answer is awaited.
    fence = await enterQueue(client, { path, lease, text }, own ? until : new AbortController().signal);
    await attempt.overtake?.({ path, fence }, until);
    const turn = await awaitTurn(client, { name, place: { path, fence }, patient: attempt.patient ?? true }, until);
    if (turn === "come") return { path, fence, lease, leave };
    await leave();
    return turn === "gone" ? "gone" : null;
  } catch (error) {
    // After a conflict the key is that of another who stands under the caller's lease.
    if (own || !isConflict(error)) await leaveQuietly(leave);
    throw error;
  }
}

/** Whether a lease of its own, which nobody else stands under, makes the next attempt another. */
function isPassing(lease: Lease, error: unknown): boolean {
  return lease.lost.aborted || isConflict(error) || (error instanceof CodedError && error.code === "ETCD_LEASE_LOST");
}

function isConflict(error: unknown): boolean {
  return error instanceof CodedError && error.code === "CONFLICT";
}
