import { randomBytes } from "node:crypto";

/** Makes the ids and timestamps of one workspace. */
export type Ids = {
  /** `<prefix><number>`, rising from 1 for each prefix; readable in logs. */
  next(prefix: string): string;
  /** An id nobody can guess, for what authorises its bearer. */
  secret(prefix: string): string;
  /** Slack's message timestamp, `seconds.micros`: unique, and later ones sort later even within a millisecond. */
  ts(): string;
};

/** `now` is in milliseconds since the epoch. */
export function createIds(now: () => number): Ids {
  const counters = new Map<string, number>();
  let lastMicros = 0;
  return {
    next(prefix) {
      const number = (counters.get(prefix) ?? 0) + 1;
      counters.set(prefix, number);
      return `${prefix}${number}`;
    },
    secret: (prefix) => `${prefix}${randomBytes(12).toString("hex")}`,
    ts() {
      lastMicros = Math.max(Math.trunc(now() * 1000), lastMicros + 1);
      return `${Math.trunc(lastMicros / 1_000_000)}.${String(lastMicros % 1_000_000).padStart(6, "0")}`;
    },
  };
}
