import type { UnitChange, UnitNews } from "./ports.ts";

/** Gathers what changed until the one reader asks; begins with `all`, because nobody knows what was before. */
export class ChangeFeed {
  #all = true;
  #units = new Map<string, UnitNews>();
  #wake = Promise.withResolvers<void>();

  /** The newest news of each kind count; a unit that has to be asked stays so until it is read. */
  unit(name: string, news: UnitNews = null): void {
    const before = this.#units.get(name);
    this.#units.set(name, news === null || before === null ? null : { ...before, ...news });
    this.#wake.resolve();
  }

  all(): void {
    this.#all = true;
    this.#wake.resolve();
  }

  async *read(signal: AbortSignal): AsyncIterable<UnitChange> {
    const stop = () => this.#wake.resolve();
    signal.addEventListener("abort", stop, { once: true });
    try {
      while (!signal.aborted) {
        if (this.#all || this.#units.size > 0) {
          const change = { all: this.#all, units: this.#units };
          this.#all = false;
          this.#units = new Map();
          yield change;
          continue;
        }
        this.#wake = Promise.withResolvers();
        if (signal.aborted) return;
        await this.#wake.promise;
      }
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
}
