import type { Health, HealthTiming } from "@quarterdeck/model";

/** What one question was answered with. `definite`: the unit itself said no (HTTP 400 and above), as against nobody answering. */
export type ProbeResult = { readonly ok: boolean; readonly definite: boolean; readonly detail: string };

/** Health since the unit's last start. */
export type HealthMemory = {
  readonly health: Health;
  readonly detail: string;
  /** In a row, up to now. */
  readonly failures: number;
  /** Good answers in a row, up to now. */
  readonly successes: number;
  readonly hasPassed: boolean;
};

export const UNASKED: HealthMemory = { health: "unknown", detail: "", failures: 0, successes: 0, hasPassed: false };

type Thresholds = Pick<HealthTiming, "healthyThreshold" | "unhealthyThreshold">;

/**
 * So many good answers in a row are `passing`, so many failures in a row `failing`; in between it stays what it was. Until there has been a good answer
 * only definite failures count: a port that nobody listens on yet is a unit that is still starting (`unknown`), and how long that may take is the
 * rollout's to say (HealthyDeadlineSec).
 */
export function deriveHealth(memory: HealthMemory, result: ProbeResult, thresholds: Thresholds): HealthMemory {
  if (result.ok) {
    const successes = memory.successes + 1;
    const counted = { failures: 0, successes, hasPassed: true };
    if (successes < thresholds.healthyThreshold) return { ...memory, ...counted };
    return { health: "passing", detail: result.detail, ...counted };
  }
  if (!result.definite && !memory.hasPassed)
    return { ...memory, health: memory.health === "failing" ? "failing" : "unknown", detail: result.detail };
  const failures = memory.failures + 1;
  const health = failures >= thresholds.unhealthyThreshold ? "failing" : memory.health;
  // The detail belongs to the verdict: while one failure changes nothing, nothing is written.
  const detail = health === memory.health && health === "passing" ? memory.detail : result.detail;
  return { health, detail, failures, successes: 0, hasPassed: memory.hasPassed };
}
