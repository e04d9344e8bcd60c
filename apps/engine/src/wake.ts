import type { Clock } from "./ports.ts";

/** Wakes one sleeper; a nudge that nobody waits for is kept for the next wait. */
export type Wake = {
  nudge(): void;
  /** Resolves after a nudge, after `milliseconds`, or when the signal is aborted; never rejects. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
};

export function createWake(clock: Clock): Wake {
  let nudged = false;
  let wakeSleeper: (() => void) | null = null;
  return {
    nudge() {
      nudged = true;
      wakeSleeper?.();
    },
    async wait(milliseconds, signal) {
      if (!nudged && !signal.aborted) {
        const awake = new AbortController();
        wakeSleeper = () => awake.abort();
        await clock.wait(Math.max(0, milliseconds), AbortSignal.any([awake.signal, signal]));
        wakeSleeper = null;
      }
      nudged = false;
    },
  };
}
