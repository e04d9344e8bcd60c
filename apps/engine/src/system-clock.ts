import type { Clock } from "./ports.ts";

/** The computer's own clocks and timers. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    wait(milliseconds, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (signal.aborted) resolve();
      const timer = setTimeout(resolve, milliseconds);
      signal.addEventListener("abort", () => resolve(), { once: true });
      return promise.finally(() => clearTimeout(timer));
    },
  };
}
