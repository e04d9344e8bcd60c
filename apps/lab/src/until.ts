import { setTimeout as delay } from "node:timers/promises";

/** Asks again and again until the answer is yes; false when the time is up first. @throws the signal's reason when aborted */
export async function until(
  ask: () => Promise<boolean>,
  pace: { readonly everyMs: number; readonly forMs: number },
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + pace.forMs;
  for (;;) {
    signal.throwIfAborted();
    if (await ask()) return true;
    if (performance.now() >= deadline) return false;
    await delay(pace.everyMs, undefined, { signal });
  }
}
