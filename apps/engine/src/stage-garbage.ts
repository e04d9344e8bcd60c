import type { Sha256 } from "@quarterdeck/model";
import { planGarbage } from "./plan-garbage.ts";
import { NOTHING, type Stage } from "./stage.ts";

/** Garbage is in no hurry, and each look lists everything. */
const INTERVAL_MS = 60_000;

/** Sweeps what nobody needs any more, every minute. */
export function createGarbageStage(): Stage {
  let unreferencedSince: ReadonlyMap<Sha256, number> = new Map();
  let nextAt: number | null = null;
  return {
    name: "garbage",
    plan({ view, now, elapsed }) {
      nextAt ??= elapsed + INTERVAL_MS;
      if (elapsed < nextAt) return { ...NOTHING, dueAt: nextAt };
      const plan = planGarbage(view, { now, elapsed, unreferencedSince });
      unreferencedSince = plan.unreferencedSince;
      // More than one batch: the next pass goes on where this one stopped.
      if (plan.transaction !== null) {
        const keysRemoved = plan.transaction.then.length;
        return {
          commits: [
            { transaction: plan.transaction, message: "swept what nobody needs", fields: { keys: keysRemoved } },
          ],
          dueAt: nextAt,
        };
      }
      nextAt = elapsed + INTERVAL_MS;
      return { ...NOTHING, dueAt: nextAt };
    },
  };
}
