/** Wakes one waiting reader; a ring that nobody waits for is remembered, so none is missed between a look and a wait. */
export class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring. */
  async wait(): Promise<void> {
    if (!this.#rung) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = null;
    }
    this.#rung = false;
  }

  /** Rings when `signal` is aborted, until disposed: one listener for many waits. */
  ringOnAbort(signal: AbortSignal): Disposable {
    const ring = (): void => this.ring();
    signal.addEventListener("abort", ring);
    return { [Symbol.dispose]: () => signal.removeEventListener("abort", ring) };
  }
}
