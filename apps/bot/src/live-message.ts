import type { Clock, View } from "@quarterdeck/commands";
import type { EditBudget } from "./edit-budget.ts";
import type { MessageBody } from "./ports.ts";

/** How often one message may change, in milliseconds. */
export const EDIT_INTERVAL_MS = 1500;

/** One message that follows a command: progress is coalesced to the newest, the end is always shown. */
export class LiveMessage {
  readonly #clock: Clock;
  readonly #budget: EditBudget;
  readonly #edit: (body: MessageBody) => Promise<void>;
  readonly #render: (view: View, final: boolean) => MessageBody;
  #shown: string;
  #editedAtMs: number;

  constructor(options: {
    readonly clock: Clock;
    readonly budget: EditBudget;
    readonly edit: (body: MessageBody) => Promise<void>;
    readonly render: (view: View, final: boolean) => MessageBody;
    /** The text the message has now. */
    readonly shown: string;
  }) {
    this.#clock = options.clock;
    this.#budget = options.budget;
    this.#edit = options.edit;
    this.#render = options.render;
    this.#shown = options.shown;
    this.#editedAtMs = -EDIT_INTERVAL_MS;
  }

  /** Shows progress if it says something new, the message is due and the budget allows it; else drops it. */
  async progress(view: View): Promise<void> {
    const body = this.#render(view, false);
    if (body.text === this.#shown || this.#clock.now() - this.#editedAtMs < EDIT_INTERVAL_MS) return;
    if (!this.#budget.tryTake()) return;
    this.#editedAtMs = this.#clock.now();
    this.#shown = body.text;
    await this.#edit(body);
  }

  async finish(view: View): Promise<void> {
    this.#budget.takeForFinal();
    await this.#edit(this.#render(view, true));
  }
}
