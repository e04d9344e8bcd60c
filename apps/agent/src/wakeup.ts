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
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      this.#resolve = null;
    }
    this.#pending = false;
    return !signal.aborted;
  }
}
