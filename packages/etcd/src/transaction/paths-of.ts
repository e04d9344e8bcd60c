import type { Reads } from "../client.ts";
import type { Key } from "../keyspace/key.ts";

/** The keys of what a transaction reads, in the order of their names in the record, which is that of the answers. */
export function pathsOf(reads: Reads): readonly string[] {
  return Object.values<Key<unknown>>(reads).map(({ path }) => path);
}
