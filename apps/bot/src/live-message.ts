import type { Clock, View } from "@quarterdeck/commands";
import type { EditBudget } from "./edit-budget.ts";
import type { MessageBody } from "./ports.ts";

/** How often one message may change, in milliseconds. */
export const EDIT_INTERVAL_MS = 1500;

/** How soon a spent budget is asked again, in milliseconds. */
const BUDGET_RETRY_MS = 500;

export type LiveMessageOptions = {
  readonly clock: Clock;
  readonly budget: EditBudget;
  /** May throw for progress: then it is reported and the next one is tried. */
  readonly edit: (body: MessageBody) => Promise<void>;
  readonly render: (view: View, final: boolean) => MessageBody;
  readonly report: (error: unknown) => void;
};

/**
 * One message that follows a command. Progress that comes too soon is held back and shown when the message is due, the newest of it only;
 * the end is always shown, and nothing after it.
 */
export class LiveMessage implements Disposable {
  readonly #options: LiveMessageOptions;
  readonly #over = new AbortController();
  #waiting: View | null = null;
  #shown = "";
  #editedAtMs = -EDIT_INTERVAL_MS;
  #flushing: Promise<void> | null = null;

  constructor(options: LiveMessageOptions) {
    this.#options = options;
  }

  /** Takes note of progress; returns at once. */
  progress(view: View): void {
    this.#waiting = view;
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
    });
  }

  /** Shows the end, after an edit that is under way. */
  async finish(view: View): Promise<void> {
    this.#waiting = null;
    this.#over.abort();
    await this.#flushing;
    this.#options.budget.takeForFinal();
    await this.#options.edit(this.#options.render(view, true));
  }

  /** Forgets what was held back: another replica may be following by now. */
  [Symbol.dispose](): void {
    this.#waiting = null;
    this.#over.abort();
  }

  async #flush(): Promise<void> {
    const { budget, clock, edit, render, report } = this.#options;
    while (this.#waiting !== null) {
      const body = render(this.#waiting, false);
      const dueInMs = this.#editedAtMs + EDIT_INTERVAL_MS - clock.now();
      if (body.text === this.#shown) {
        this.#waiting = null;
      } else if (dueInMs > 0) {
        await this.#pause(dueInMs);
      } else if (!budget.tryTake()) {
        await this.#pause(BUDGET_RETRY_MS);
      } else {
        this.#waiting = null;
        this.#editedAtMs = clock.now();
        this.#shown = body.text;
        await edit(body).catch(report);
      }
    }
  }

  /** Cut short by the end. */
  async #pause(ms: number): Promise<void> {
    try {
      await this.#options.clock.sleep(ms, this.#over.signal);
    } catch (error) {
      if (!this.#over.signal.aborted) throw error;
    }
  }
}
