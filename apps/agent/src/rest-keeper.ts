import type { Clock } from "./ports.ts";
import { Wakeup } from "./wakeup.ts";

export type RestKeeperOptions = {
  /** What is done once it is quiet; may block for a moment. */
  readonly giveBack: () => void;
  readonly clock: Clock;
};

/** How long nothing must have stirred. */
export const QUIET_MS = 10_000;
/** At least as long between two. */
export const PAUSE_MS = 60_000;

/** Tells when an agent that had something to do has come to rest; while nothing stirs it waits for nothing but that. */
export class RestKeeper {
  readonly #options: RestKeeperOptions;
  readonly #stirred = new Wakeup();
  #stirs = 0;

  constructor(options: RestKeeperOptions) {
    this.#options = options;
  }

  /** Something was to do. */
  stir(): void {
    this.#stirs += 1;
    this.#stirred.wake();
  }

  /** Ends by the signal. That the agent starts counts as a stir. */
  async run(signal: AbortSignal): Promise<void> {
    const { giveBack, clock } = this.#options;
    const wait = (milliseconds: number) => clock.wait(milliseconds, signal).catch(() => undefined);
    this.stir();
    while (await this.#stirred.next(signal)) {
      for (let seen = -1; seen !== this.#stirs && !signal.aborted;) {
        seen = this.#stirs;
        await wait(QUIET_MS);
      }
      if (signal.aborted) return;
      giveBack();
      await wait(PAUSE_MS);
    }
  }
}
