import type { Clock } from "../clock.ts";

/**
 * The items of a stream, and a tick whenever `everyMs` passed without one, so that time alone can change a judgement. Ends with the
 * stream, or when the signal fires.
 */
export async function* withTicks<Item>(items: AsyncIterable<Item>, everyMs: number, clock: Clock, signal: AbortSignal): AsyncIterable<Item | "tick"> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    while (!signal.aborted) {
      const timer = new AbortController();
      const slept = clock.sleep(everyMs, AbortSignal.any([signal, timer.signal])).then(
        () => "tick" as const,
        // Cut short by what it raced against, or by the caller: either way there is nothing to wait for any more.
        () => "tick" as const,
      );
      const first = await Promise.race([next, slept]);
      timer.abort();
      if (first === "tick") {
        if (!signal.aborted) yield "tick";
        continue;
      }
      if (first.done === true) return;
      yield first.value;
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}
