import { setTimeout as delay } from "node:timers/promises";

/** Time as a port, so that a test decides when it passes. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects with an `AbortError` when the signal fires first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal });
  },
};
