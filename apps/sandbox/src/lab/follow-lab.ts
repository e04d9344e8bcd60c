import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { openLab } from "./lab-client.ts";

const RETRY_MS = 1_000;

/** What the page is told while nobody sends events. */
const GONE = JSON.stringify({ type: "lab", connected: false });
const HERE = JSON.stringify({ type: "lab", connected: true });

/**
 * The lab's events, each one JSON text as the lab sent it, with `{"type":"lab","connected"}` whenever the line breaks or
 * stands again. Goes on until `signal` fires: a lab that restarts is no reason for the page to go dark.
 */
export async function* followLab(socket: string | undefined, signal: AbortSignal): AsyncGenerator<string> {
  yield GONE;
  while (socket !== undefined && !signal.aborted) {
    try {
      const response = await openLab(socket, { method: "GET", path: "/events" }, signal);
      yield HERE;
      for await (const line of createInterface({ input: response }))
        if (line.startsWith("data:")) yield line.slice(5).trim();
      yield GONE;
    } catch (error) {
      if (signal.aborted) return;
      yield JSON.stringify({
        type: "lab",
        connected: false,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(endQuietly(signal));
  }
}

/** The sleep ends early only because nobody listens any more; the loop sees that itself. */
function endQuietly(signal: AbortSignal): (reason: unknown) => void {
  return (reason) => {
    if (!signal.aborted) throw reason;
  };
}
