import { MOST_OPERATIONS, type Size } from "./check-transaction.ts";
import type { Part } from "./transact-parts.ts";

/** Well below what etcd takes: a large transaction holds up everybody else's while it is written and replicated. */
const CHUNK_BYTES = 1_048_576;
/** One fewer than etcd's own limit: a fence has to fit too. */
const CHUNK_CONDITIONS = 127;
/** How many transactions are looked at for a gap; parts of similar size fill one after the other anyway. */
const OPEN_CHUNKS = 16;

type Chunk = { readonly indices: number[]; operations: number; conditions: number; bytes: number };

/**
 * Parts, by their index, as transactions, each part in the first that has room for it, else in a new one. A part that is larger than that has one
 * of its own.
 */
export function packParts(parts: readonly Part[], sizes: readonly Size[]): readonly (readonly number[])[] {
  const chunks: Chunk[] = [];
  let open: Chunk[] = [];
  for (const [index, { operations, bytes }] of sizes.entries()) {
    const conditions = parts[index]?.when.length ?? 0;
    const fits = (chunk: Chunk): boolean =>
      chunk.operations + operations <= MOST_OPERATIONS &&
      chunk.conditions + conditions <= CHUNK_CONDITIONS &&
      chunk.bytes + bytes <= CHUNK_BYTES;
    let chunk = open.find(fits);
    if (chunk === undefined) {
      chunk = { indices: [], operations: 0, conditions: 0, bytes: 0 };
      chunks.push(chunk);
      open.push(chunk);
    }
    chunk.indices.push(index);
    chunk.operations += operations;
    chunk.conditions += conditions;
    chunk.bytes += bytes;
    if (chunk.operations >= MOST_OPERATIONS) open = open.filter((each) => each !== chunk);
    else if (open.length > OPEN_CHUNKS) open = open.slice(-OPEN_CHUNKS);
  }
  return chunks.map(({ indices }) => indices);
}
