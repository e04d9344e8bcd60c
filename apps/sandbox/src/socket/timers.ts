/** Timers that end with their owner, so that nothing fires into a sandbox that is gone. */
export class Timers implements Disposable {
  readonly #timeouts = new Set<NodeJS.Timeout>();
  readonly #intervals = new Set<NodeJS.Timeout>();

  /** Calls `act` once after `ms`; the result calls it off. */
  after(ms: number, act: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timeouts.delete(timer);
      act();
    }, ms);
    this.#timeouts.add(timer);
    return () => {
      this.#timeouts.delete(timer);
      clearTimeout(timer);
    };
  }

  /** Calls `act` every `ms`. */
  every(ms: number, act: () => void): void {
    this.#intervals.add(setInterval(act, ms));
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timeouts) clearTimeout(timer);
    for (const timer of this.#intervals) clearInterval(timer);
  }
}
