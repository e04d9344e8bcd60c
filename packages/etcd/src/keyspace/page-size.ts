const FIRST = 64;
const GROWTH = 16;
/** etcd counts all keys that are left for every page, so long ranges want few pages. */
const MOST = 20_000;
const PAGE_BYTES = 2 * 1024 * 1024;
const TAIL = 8;

/**
 * How many keys to ask for next. etcd counts a page in keys and not in bytes, so the size follows the values that came last: begins small, grows
 * sixteenfold at most, and aims at 2 MiB. A page in which values suddenly become large is the only one that is larger.
 */
export class PageSize {
  #keys = FIRST;

  get keys(): number {
    return this.#keys;
  }

  /** A page came, whose values have these sizes in bytes. */
  came(sizes: readonly number[]): void {
    if (sizes.length === 0) return;
    // What stands at its end is most like what comes next.
    const bytes = Math.max(1, mean(sizes), mean(sizes.slice(-TAIL)));
    this.#keys = Math.max(1, Math.min(Math.floor(PAGE_BYTES / bytes), this.#keys * GROWTH, MOST));
  }

  /** A page was too large to arrive; false when it was one key already. */
  shrink(): boolean {
    if (this.#keys === 1) return false;
    this.#keys = Math.max(1, Math.floor(this.#keys / GROWTH));
    return true;
  }
}

const mean = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
