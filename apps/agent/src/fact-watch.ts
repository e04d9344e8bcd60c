import type { Logger } from "@quarterdeck/daemon";
import { problemOf, type Presence } from "@quarterdeck/model";
import type { ChangingFacts } from "./machine-facts.ts";
import type { Clock } from "./ports.ts";
import { Wakeup } from "./wakeup.ts";

export type FactWatchOptions = {
  readonly presence: Presence;
  /** Looks at the machine itself, never at etcd. */
  readonly read: (former: Presence) => Promise<ChangingFacts>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** How often it looks, and so how seldom presence is rewritten at most. */
export const LOOK_EVERY_MS = 30_000;

/** The machine's presence as it is now; looks by itself, because no kernel tells that a disk fills. */
export class FactWatch {
  readonly changed = new Wakeup();
  readonly #options: FactWatchOptions;
  #presence: Presence;

  constructor(options: FactWatchOptions) {
    this.#options = options;
    this.#presence = options.presence;
  }

  get presence(): Presence {
    return this.#presence;
  }

  /** Looks until the signal aborts. What cannot be read stays as it was. */
  async run(signal: AbortSignal): Promise<void> {
    const { read, clock, log } = this.#options;
    let complained = "";
    for (;;) {
      await clock.wait(LOOK_EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const { capacity, disk } = await read(this.#presence);
        const { capacity: oldCapacity, disk: oldDisk } = this.#presence;
        complained = "";
        if (JSON.stringify([capacity, disk]) === JSON.stringify([oldCapacity, oldDisk])) continue;
        this.#presence = { ...this.#presence, capacity, disk };
        log.info({ capacity, disk }, "a fact of this machine changed");
        this.changed.wake();
      } catch (error) {
        const problem = problemOf(error);
        if (problem.message !== complained)
          log.warn(problem, "the facts of this machine cannot be read; they stay as they were");
        complained = problem.message;
      }
    }
  }
}
