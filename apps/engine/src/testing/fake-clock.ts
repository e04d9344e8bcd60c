import type { Clock } from "../ports.ts";

/** A clock that stands still until it is told to go on. */
export type FakeClock = Clock & {
  /** Moves both clocks and fires every timer that is due by then, in order. */
  advance(milliseconds: number): void;
};

export function createFakeClock(start = Date.parse("2026-11-24T00:00:00.000Z")): FakeClock {
  let elapsed = 0;
  const timers = new Set<{ readonly at: number; readonly fire: () => void }>();
  return {
    now: () => start + elapsed,
    elapsed: () => elapsed,
    wait(milliseconds, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (signal.aborted || milliseconds <= 0) resolve();
      const timer = { at: elapsed + milliseconds, fire: resolve };
      timers.add(timer);
      signal.addEventListener("abort", () => resolve(), { once: true });
      return promise.finally(() => timers.delete(timer));
    },
    advance(milliseconds) {
      elapsed += milliseconds;
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) if (timer.at <= elapsed) timer.fire();
    },
  };
}
