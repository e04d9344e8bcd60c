import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks until `probe` answers something other than `undefined`, every `everyMs` (150 by default), and gives that back; when `withinMs` are over the
 * error names what was waited for and the last answer or failure.
 */
export async function eventually<Value>(
  what: string,
  probe: () => Promise<Value | undefined>,
  { withinMs, everyMs = 150 }: { readonly withinMs: number; readonly everyMs?: number },
): Promise<Value> {
  const started = performance.now();
  let last: unknown;
  while (performance.now() - started < withinMs) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(everyMs);
  }
  throw new Error(`waited ${withinMs} ms in vain for ${what}`, { cause: last });
}
