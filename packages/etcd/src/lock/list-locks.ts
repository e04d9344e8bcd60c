import type { EtcdClient, Snapshot } from "../client.ts";
import { byFence, placeOf, queueRange } from "../election/read-queue.ts";
import { byteOrder } from "../keyspace/byte-order.ts";
import { keys, ranges } from "../keyspace/keys.ts";
import { faultOfSegment } from "../keyspace/segment.ts";
import { text } from "../keyspace/text.ts";
import { readClaim } from "./lock-claim.ts";
import { readSteals } from "./lock-record.ts";
import type { LockListing } from "./lock.ts";

/** See `Locks.list`. */
export async function listLocks(client: EtcdClient, signal: AbortSignal): Promise<readonly LockListing[]> {
  const snapshot = await client.snapshot([ranges.locks.path], signal);
  const found = [ranges.locks, ranges.lockClaims].flatMap((range) => snapshot.list({ ...range, schema: text }));
  const scopes = new Set(found.map(({ names }) => names[0] ?? ""));
  const locks = [...scopes].filter((scope) => faultOfSegment(scope) === null).toSorted(byteOrder);
  return locks.map((scope) => listingOf(snapshot, scope));
}

/** See `Locks.read`. */
export async function readLock(client: EtcdClient, scope: string, signal: AbortSignal): Promise<LockListing> {
  const { path } = keys.lock(scope);
  return listingOf(await client.snapshot([path, `${path}/`], signal), scope);
}

function listingOf(snapshot: Snapshot, scope: string): LockListing {
  const { path } = keys.lock(scope);
  const places = snapshot.list(queueRange(path)).map(placeOf).toSorted(byFence);
  const written = snapshot.get({ path, schema: text })?.value;
  return {
    scope,
    revision: snapshot.revision,
    claims: places.map(readClaim),
    steals: written === undefined ? [] : readSteals(written),
  };
}
