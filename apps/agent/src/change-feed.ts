import type { UnitChange } from "./ports.ts";

/** Gathers what changed until the one reader asks; begins with `all`, because nobody knows what was before. */
export class ChangeFeed {
  #all = true;
  #units = new Set<string>();
  #wake = Promise.withResolvers<void>();

  unit(name: string): void {
    this.#units.add(name);
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
          this.#units = new Set();
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
