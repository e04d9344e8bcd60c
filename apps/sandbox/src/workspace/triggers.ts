import type { Ids } from "./ids.ts";

/** How long a trigger opens a view. @see https://docs.slack.dev/interactivity/handling-user-interaction "trigger_id" */
const LIFE_MS = 3_000;

type Trigger = { readonly interaction: string; readonly user: string; readonly expires: number; used: boolean };

export type TriggerUse =
  | { readonly ok: true; readonly interaction: string; readonly user: string }
  | { readonly ok: false; readonly error: "invalid_trigger_id" | "expired_trigger_id" | "exchanged_trigger_id" };

/** Trigger ids: each opens one view, within three seconds. */
export class Triggers {
  readonly #triggers = new Map<string, Trigger>();
  readonly #ids: Ids;
  readonly #now: () => number;

  constructor(ids: Ids, now: () => number) {
    this.#ids = ids;
    this.#now = now;
  }

  /** `stillborn` makes one that has expired before it is used. */
  issue(interaction: string, user: string, stillborn: boolean): string {
    const id = this.#ids.secret("trigger.");
    this.#triggers.set(id, { interaction, user, expires: stillborn ? 0 : this.#now() + LIFE_MS, used: false });
    return id;
  }

  use(id: string): TriggerUse {
    const trigger = this.#triggers.get(id);
    if (trigger === undefined) return { ok: false, error: "invalid_trigger_id" };
    if (trigger.used) return { ok: false, error: "exchanged_trigger_id" };
    if (this.#now() > trigger.expires) return { ok: false, error: "expired_trigger_id" };
    trigger.used = true;
    return { ok: true, interaction: trigger.interaction, user: trigger.user };
  }

  /** Which interaction a trigger belongs to, used or not; the bot names it to say what it answers. */
  interactionOf(id: string): string | undefined {
    return this.#triggers.get(id)?.interaction;
  }
}
