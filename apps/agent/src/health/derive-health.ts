import type { Health } from "@quarterdeck/model";

/** What one question was answered with. `definite`: the unit itself said no (HTTP 400 and above), as against nobody answering. */
export type ProbeResult = { readonly ok: boolean; readonly definite: boolean; readonly detail: string };

/** Health since the unit's last start. */
export type HealthMemory = {
  readonly health: Health;
  readonly detail: string;
  readonly failures: number;
  readonly hasPassed: boolean;
};

export const UNASKED: HealthMemory = { health: "unknown", detail: "", failures: 0, hasPassed: false };

export const FAILURES_UNTIL_FAILING = 3;

/** How long until the next question, by whether it passed last. */
export const PROBE_EVERY_MS = { passing: 5000, otherwise: 1000 } as const;

/**
 * One success is `passing`. Three failures in a row are `failing`, so that a broken version is known about three seconds after its
 * first answer. Until the unit has passed once, only definite answers count: a port that nobody listens on yet is a unit that is
 * still starting (`unknown`), and how long that may take is the rollout's to say (HealthyDeadlineSec).
 */
export function deriveHealth(memory: HealthMemory, result: ProbeResult): HealthMemory {
  if (result.ok) return { health: "passing", detail: result.detail, failures: 0, hasPassed: true };
  if (!result.definite && !memory.hasPassed)
    return { ...memory, health: memory.health === "failing" ? "failing" : "unknown", detail: result.detail };
  const failures = memory.failures + 1;
  const health = failures >= FAILURES_UNTIL_FAILING ? "failing" : memory.health;
  // The detail belongs to the verdict: while one failure changes nothing, nothing is written.
  const detail = health === memory.health && health === "passing" ? memory.detail : result.detail;
  return { health, detail, failures, hasPassed: memory.hasPassed };
}
