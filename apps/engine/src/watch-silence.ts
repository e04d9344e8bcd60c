import { ranges, type Mirror, type Snapshot } from "@quarterdeck/etcd";
import type { MachineId } from "@quarterdeck/model";
import type { LossLimits, LossWatch } from "./loss-watch.ts";
import type { Clock } from "./ports.ts";
import { presentMachines } from "./present-machines.ts";
import { createWake } from "./wake.ts";

/** Machines that the engine knows and that have no presence key. */
export function silentMachines(view: Snapshot): ReadonlySet<MachineId> {
  const present = presentMachines(view);
  return new Set(
    view
      .list(ranges.machines)
      .map(({ names }) => names[0] as MachineId)
      .filter((machine) => !present.has(machine)),
  );
}

export type SilenceParts = {
  readonly mirror: Mirror;
  readonly watch: LossWatch;
  readonly clock: Clock;
  readonly limits: LossLimits;
};

/**
 * Keeps the watch looking, in both roles, until the signal aborts; local and cheap, it asks etcd nothing.
 * @throws what ended the mirror
 */
export async function watchSilence({ mirror, watch, clock, limits }: SilenceParts, signal: AbortSignal): Promise<void> {
  const wake = createWake(clock);
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);
  const listening = (async () => {
    try {
      for await (const { reset } of mirror.changes(ending)) {
        if (reset) watch.restart();
        wake.nudge();
      }
    } finally {
      over.abort();
    }
  })();
  const looking = (async () => {
    while (!ending.aborted) {
      watch.look(silentMachines(mirror), { now: clock.now(), elapsed: clock.elapsed(), mirrorAgeMs: mirror.ageMs() });
      await wake.wait(limits.ttlMs / 2, ending);
    }
  })();
  await Promise.all([listening, looking]);
}
