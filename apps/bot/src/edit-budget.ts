import type { Clock } from "@quarterdeck/commands";

/**
 * Slack allows about 50 edits a minute for the whole app (chat.update, Tier 3), shared by all that is under way. One token an edit;
 * a final state takes one out of turn, into debt if need be, for it must not wait behind progress.
 */
export class EditBudget {
  readonly #clock: Clock;
  readonly #perMinute: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(clock: Clock, perMinute = 45) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#tokens = Math.min(10, perMinute);
    this.#filledAtMs = clock.now();
  }

  /** Whether an edit of progress may go out now; takes its token if so. */
  tryTake(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  takeForFinal(): void {
    this.#fill();
    this.#tokens -= 1;
  }

  #fill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(10, this.#tokens + ((now - this.#filledAtMs) / 60_000) * this.#perMinute);
    this.#filledAtMs = now;
  }
}
