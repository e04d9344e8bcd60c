import { CodedError, type LockSteal } from "@quarterdeck/model";
import type { EtcdClient, Operation } from "../client.ts";
import { readQueue, type Place } from "../election/read-queue.ts";
import type { Candidacy } from "../election/stand.ts";
import type { Revision } from "../keyspace/key.ts";
import { absent, createRevisionIs, modRevisionIs } from "../transaction/condition.ts";
import { put, remove } from "../transaction/operation.ts";
import { holderText, nowStamp, readClaim, reasonText } from "./lock-claim.ts";
import { lockRecordKey, recordSteal } from "./lock-record.ts";
import type { LockOptions } from "./lock.ts";

/** etcd takes 128 operations, and as many conditions. */
const MOST_AT_ONCE = 100;

type Theft = { readonly path: string; readonly options: LockOptions; readonly from: Revision | null };

/**
 * Removes all who are before a thief in the queue of a lock: a claim's turn is its create revision, so that nobody can be put before them. Waiters
 * go first, from the back, and the holder last, with the record.
 */
export function overtake(client: EtcdClient, { path, options, from }: Theft): NonNullable<Candidacy["overtake"]> {
  let tried = false;
  return async (place, signal) => {
    // Who was robbed while robbing does not rob again: two thieves would never come to an end.
    if (tried) throw tooLate(path);
    tried = true;
    for (;;) {
      const { places } = await readQueue(client, path, signal);
      const index = places.findIndex(({ fence }) => fence === place.fence);
      if (index < 0) throw tooLate(path);
      const [holder] = places;
      if (index === 0 || holder === undefined) return;
      if (from !== null && holder.fence !== from) throw anotherHolds(path, holder);
      await removeBefore(client, { place, before: places.slice(0, index), path, options }, signal);
    }
  };
}

type Removal = Pick<Theft, "path" | "options"> & {
  readonly place: Pick<Place, "path" | "fence">;
  readonly before: readonly Place[];
};

/** Does nothing when any of them has left meanwhile. */
async function removeBefore(
  client: EtcdClient,
  { place, before, path, options }: Removal,
  signal: AbortSignal,
): Promise<void> {
  const [holder] = before;
  if (holder === undefined) return;
  const removed = before.slice(-MOST_AT_ONCE);
  const isLast = removed.length === before.length;
  // As long as the holder stands the others only wait, and nothing is taken from them but their place.
  const when = [place, holder, ...removed].map((one) => createRevisionIs(one, one.fence));
  const then: Operation[] = removed.map(remove);
  if (isLast) {
    const key = lockRecordKey(path);
    const record = await client.get(key, signal);
    when.push(record === null ? absent(key) : modRevisionIs(record));
    then.push(put(key, recordSteal(record?.value ?? null, stealOf(options, holder))));
  }
  await client.transact({ when, then }, signal);
}

function stealOf({ holder: thief, reason }: LockOptions, victim: Place): LockSteal {
  const { key, fence, holder } = readClaim(victim, 0);
  return {
    at: nowStamp(),
    thief: holderText(thief),
    reason: reasonText(reason),
    victim: { key, fence: fence.toString(), holder },
  };
}

function tooLate(path: string): CodedError {
  return new CodedError("ETCD_CONFLICT", {
    message: `${path} was taken by somebody else at the same moment`,
    try: "look who holds it now",
  });
}

function anotherHolds(path: string, place: Place): CodedError {
  const { holder, reason } = readClaim(place, 0);
  return new CodedError("ETCD_CONFLICT", {
    message: `${path} is held by another by now: ${holder ?? "unknown"}`,
    ...(reason === null || reason === "" ? {} : { why: reason }),
    try: "look who holds it now",
  });
}
