import type { EtcdClient } from "../client.ts";
import { readQueue } from "../election/read-queue.ts";
import { removePlace } from "../election/remove-place.ts";
import { keys } from "../keyspace/keys.ts";
import { createLock } from "./create-lock.ts";
import type { Lock, Locks } from "./lock.ts";

/** See `Locks.resume`. */
export async function resumeLock(
  client: EtcdClient,
  { scope, lease }: Parameters<Locks["resume"]>[0],
  signal: AbortSignal,
): Promise<Lock | null> {
  const { path: name } = keys.lock(scope);
  lease.check();
  const [first] = (await readQueue(client, name, signal)).places;
  if (first === undefined || first.leaseHex !== lease.id) return null;
  return createLock(client, scope, { ...first, lease, leave: () => removePlace(client, first) });
}
