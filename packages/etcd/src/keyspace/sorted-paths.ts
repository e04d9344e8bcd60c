import { byteOrder } from "./byte-order.ts";

const CHUNK = 512;

/** Paths in etcd's order. Adding and removing costs a search and the shift of one chunk, not of all paths. */
export class SortedPaths {
  /** None is empty, but for the one that is left when there is no path. */
  #chunks: string[][] = [[]];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The path must not be there yet. */
  add(path: string): void {
    this.#size += 1;
    const last = this.#chunks.at(-1) ?? [];
    const end = last.at(-1);
    // What etcd lists comes in order.
    if (end === undefined || byteOrder(end, path) < 0) {
      if (last.length < CHUNK) last.push(path);
      else this.#chunks.push([path]);
      return;
    }
    const index = this.#chunkOf(path);
    const chunk = this.#chunks[index] ?? last;
    chunk.splice(lowerBound(chunk, path), 0, path);
    if (chunk.length > CHUNK) this.#chunks.splice(index + 1, 0, chunk.splice(CHUNK / 2));
  }

  delete(path: string): void {
    const index = this.#chunkOf(path);
    const chunk = this.#chunks[index] ?? [];
    const at = lowerBound(chunk, path);
    if (chunk[at] !== path) return;
    chunk.splice(at, 1);
    this.#size -= 1;
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(index, 1);
  }

  /** All, in order. */
  *all(): Iterable<string> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** Those that start with `prefix`, in order; others are not looked at. */
  *below(prefix: string): Iterable<string> {
    let index = this.#chunkOf(prefix);
    for (let at = lowerBound(this.#chunks[index] ?? [], prefix); index < this.#chunks.length; index += 1, at = 0) {
      const chunk = this.#chunks[index] ?? [];
      for (; at < chunk.length; at += 1) {
        const path = chunk[at] ?? "";
        if (!path.startsWith(prefix)) return;
        yield path;
      }
    }
  }

  /** The first chunk that ends at or after `path`, else the last. */
  #chunkOf(path: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (byteOrder(this.#chunks[middle]?.at(-1) ?? "", path) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function lowerBound(chunk: readonly string[], path: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byteOrder(chunk[middle] ?? "", path) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
