/** Many may wake, one waits; waking before the wait counts, waking twice counts once. */
export class Wakeup {
  #pending = false;
  #resolve: (() => void) | null = null;

  wake(): void {
    this.#pending = true;
    this.#resolve?.();
  }

  /** Resolves to false when the signal aborts. */
  async next(signal: AbortSignal): Promise<boolean> {
    if (!this.#pending && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = () => resolve();
      this.#resolve = resolve;
      signal.addEventListener("abort", stop, { once: true });
      await promise;
      // The signal lives as long as the agent; a listener a pass would pile up.
      signal.removeEventListener("abort", stop);
      this.#resolve = null;
    }
    this.#pending = false;
    return !signal.aborted;
  }
}
