import { setTimeout as wait } from "node:timers/promises";

/** Waits; rejects with the signal's own reason, as every call of this package does. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(Math.max(0, ms), undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
