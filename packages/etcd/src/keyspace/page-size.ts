const FIRST = 64;
const GROWTH = 4;
const MOST = 2_000;
const PAGE_BYTES = 2 * 1024 * 1024;

/**
 * How many keys to ask for next. etcd counts a page in keys and not in bytes, so the size follows the values that came last: begins small, grows
 * fourfold at most, and aims at 2 MiB. A page whose values are suddenly large is the only one that is larger.
 */
export class PageSize {
  #keys = FIRST;

  get keys(): number {
    return this.#keys;
  }

  /** A page came with so many keys and bytes. */
  came(keys: number, bytes: number): void {
    if (keys === 0) return;
    const fitting = Math.floor(PAGE_BYTES / Math.max(1, bytes / keys));
    this.#keys = Math.max(1, Math.min(fitting, this.#keys * GROWTH, MOST));
  }

  /** A page was too large to arrive; false when it was one key already. */
  shrink(): boolean {
    if (this.#keys === 1) return false;
    this.#keys = Math.max(1, Math.floor(this.#keys / (GROWTH * GROWTH)));
    return true;
  }
}
