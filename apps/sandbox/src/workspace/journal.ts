import type { Diagnostic } from "@quarterdeck/blocks";

/** One thing that crossed the line between the bot and Slack. Tokens and bodies are not kept. */
export type Entry = {
  readonly kind: "request" | "response-url" | "envelope" | "ack" | "connection" | "fault";
  /** Method, envelope type, or what happened. */
  readonly name: string;
  readonly durationMs?: number;
  readonly status?: number;
  readonly error?: string | undefined;
  readonly detail?: string;
  /** What Slack's limits and surfaces forbid in it. */
  readonly violations?: readonly Diagnostic[];
};

/** `at` is RFC 3339; `violations` is always there, so that a test can ask for none. */
export type Recorded = Omit<Entry, "violations"> & {
  readonly sequence: number;
  readonly at: string;
  readonly violations: readonly Diagnostic[];
};

const KEPT = 5_000;

/** The last 5000 entries, oldest first. */
export class Journal {
  readonly #entries: Recorded[] = [];
  readonly #now: () => number;
  #sequence = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  record(entry: Entry): void {
    this.#sequence += 1;
    const at = new Date(this.#now()).toISOString();
    this.#entries.push({ sequence: this.#sequence, at, violations: [], ...entry });
    if (this.#entries.length > KEPT) this.#entries.shift();
  }

  get entries(): readonly Recorded[] {
    return this.#entries;
  }
}
