import { setTimeout as wait } from "node:timers/promises";
import { processesOf, sendSignal } from "./process-table.ts";
import { INVOCATION } from "./unit-launcher.ts";

const LOOK_MS = 25;

/** All processes of one run of a unit, whoever of them is left. */
export type UnitGroup = { readonly pid: number | null; readonly invocationId: string };

/** Tells all to end, and kills what is left when the time is up; `null` waits for ever. Resolves when nothing is left. */
export async function killUnit(group: UnitGroup, signal: NodeJS.Signals, forMs: number | null): Promise<void> {
  const deadline = performance.now() + (forMs ?? Infinity);
  const told = new Set<number>();
  for (;;) {
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
    await wait(LOOK_MS, undefined, { ref: false });
  }
}
