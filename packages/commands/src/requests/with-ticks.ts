import type { Clock } from "../clock.ts";

/**
 * The items of a stream, and a tick whenever `everyMs` passed without one, so that time alone can change a judgement. Ends with the
 * stream, or when the signal fires; the stream is opened with a signal of its own and told to end when nobody listens any more.
 */
export async function* withTicks<Item>(
  open: (signal: AbortSignal) => AsyncIterable<Item>,
  { everyMs, clock }: { readonly everyMs: number; readonly clock: Clock },
  signal: AbortSignal,
): AsyncIterable<Item | "tick"> {
  const over = new AbortController();
  const iterator = open(AbortSignal.any([signal, over.signal]))[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
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
    // A generator that waits inside itself cannot be returned from: it has to be woken by its signal first.
    over.abort();
    await next.then(
      () => iterator.return?.(),
      () => undefined,
    );
  }
}
