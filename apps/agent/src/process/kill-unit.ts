import { setTimeout as wait } from "node:timers/promises";
import { processesOf, sendSignal } from "./process-table.ts";
import { INVOCATION } from "./unit-launcher.ts";

/** A look at all of /proc costs milliseconds: soon at first, for what ends at once, then seldom. */
const LOOK_MS = { first: 10, last: 200 } as const;

/** All processes of one run of a unit, whoever of them is left. */
export type UnitGroup = { readonly pid: number | null; readonly invocationId: string };

/** Tells all to end, and kills what is left when the time is up; `null` waits for ever. Resolves when nothing is left. */
export async function killUnit(group: UnitGroup, signal: NodeJS.Signals, forMs: number | null): Promise<void> {
  const deadline = performance.now() + (forMs ?? Infinity);
  const told = new Set<number>();
  for (let pauseMs: number = LOOK_MS.first; ; pauseMs = Math.min(pauseMs * 1.5, LOOK_MS.last)) {
    const left = await processesOf(group.pid, `${INVOCATION}=${group.invocationId}`);
    if (left.length === 0) return;
    const late = performance.now() >= deadline;
    for (const pid of left) {
      if (late) sendSignal(pid, "SIGKILL");
      else if (!told.has(pid)) {
        told.add(pid);
        sendSignal(pid, signal);
        // One that is stopped would not hear of it.
        sendSignal(pid, "SIGCONT");
      }
    }
    await wait(pauseMs, undefined, { ref: false });
  }
}
