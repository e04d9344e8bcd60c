import { MOST_OPERATIONS, sizeOf } from "./check-transaction.ts";
import type { Part } from "./transact-parts.ts";

/** Well below what etcd takes: a large transaction holds up everybody else's while it is written and replicated. */
const CHUNK_BYTES = 1_048_576;
/** One fewer than etcd's own limit: a fence has to fit too. */
const CHUNK_CONDITIONS = 127;
/** How many transactions are looked at for a gap; parts of similar size fill one after the other anyway. */
const OPEN_CHUNKS = 16;

type Chunk = { readonly parts: Part[]; operations: number; conditions: number; bytes: number };

/** Parts as transactions, each part in the first that has room for it, else in a new one. A part that is larger than that has one of its own. */
export function packParts(parts: readonly Part[]): readonly (readonly Part[])[] {
  const chunks: Chunk[] = [];
  let open: Chunk[] = [];
  for (const part of parts) {
    const { operations, bytes } = sizeOf(part);
    const fits = (chunk: Chunk): boolean =>
      chunk.operations + operations <= MOST_OPERATIONS &&
      chunk.conditions + part.when.length <= CHUNK_CONDITIONS &&
      chunk.bytes + bytes <= CHUNK_BYTES;
    let chunk = open.find(fits);
    if (chunk === undefined) {
      chunk = { parts: [], operations: 0, conditions: 0, bytes: 0 };
      chunks.push(chunk);
      open.push(chunk);
    }
    chunk.parts.push(part);
    chunk.operations += operations;
    chunk.conditions += part.when.length;
    chunk.bytes += bytes;
    open = open.filter((each) => each.operations < MOST_OPERATIONS).slice(-OPEN_CHUNKS);
  }
  return chunks.map((chunk) => chunk.parts);
}
