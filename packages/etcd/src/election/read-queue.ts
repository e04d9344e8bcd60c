import type { EtcdClient } from "../client.ts";
import type { KeyRange, Revision } from "../keyspace/key.ts";
import { text } from "../keyspace/text.ts";
import { isLeaseId } from "../lease/lease-id.ts";

/**
 * One who stands for an election or a lock: a key directly below its name, by etcd's concurrency recipe. The first to be created holds; the
 * create revision is its fence.
 */
export type Place = {
  /** `<name>/<lease id in hex>`. */
  readonly path: string;
  readonly fence: Revision;
  /** Null for a key that was not made by the recipe. */
  readonly leaseHex: string | null;
  /** As it was put, by whatever tool: empty from `etcdctl lock`, any text from `etcdctl elect`. */
  readonly text: string;
};

/** Who stands at a revision, in order. Keys deeper below the name belong to another election or lock. */
export type Queue = { readonly revision: Revision; readonly places: readonly Place[] };

export async function readQueue(client: EtcdClient, name: string, signal: AbortSignal): Promise<Queue> {
  const { revision, entries } = await client.list(queueRange(name), signal);
  return { revision, places: entries.map(placeOf).toSorted(byFence) };
}

export function queueRange(name: string): KeyRange<string> {
  return { path: `${name}/`, segments: [...name.split("/"), null], schema: text };
}

type Standing = { readonly path: string; readonly value: string; readonly createRevision: Revision };

export function placeOf({ path, value, createRevision }: Standing): Place {
  const segment = path.slice(path.lastIndexOf("/") + 1);
  return { path, fence: createRevision, leaseHex: isLeaseId(segment) ? segment : null, text: value };
}

export const byFence = (a: Place, b: Place): number => (a.fence < b.fence ? -1 : a.fence > b.fence ? 1 : 0);
