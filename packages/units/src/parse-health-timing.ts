import { refuse, succeed, type HealthTiming, type Result } from "@quarterdeck/model";
import { parseCount } from "./parse-count.ts";
import type { DeployRead } from "./parse-deploy-spec.ts";
import { parseTimeSpan } from "./parse-time-span.ts";
import { unitFault } from "./unit-fault.ts";

/** Of `[X-Deploy]`, beside `HealthCheck=`. */
export const HEALTH_TIMING_KEYS = [
  "HealthIntervalSec",
  "HealthTimeoutSec",
  "HealthyThreshold",
  "UnhealthyThreshold",
] as const;

/** How a check is asked where nothing is said. */
export const HEALTH_TIMING: HealthTiming = {
  intervalSeconds: 5,
  timeoutSeconds: 2,
  healthyThreshold: 1,
  unhealthyThreshold: 3,
};

/** How long until the next question while the unit is not passing, in seconds: sooner, because somebody waits for the answer. */
export function hurriedSeconds({ intervalSeconds }: HealthTiming): number {
  return Math.max(1, intervalSeconds / 5);
}

/** How the check is to be asked, {@link HEALTH_TIMING} where nothing is said of it. */
export function parseHealthTiming(read: DeployRead): Result<HealthTiming> {
  const interval = read("HealthIntervalSec", HEALTH_TIMING.intervalSeconds, (text) => parseSpan(text, 1, 3600));
  if (!interval.ok) return interval;
  const timeout = read("HealthTimeoutSec", HEALTH_TIMING.timeoutSeconds, (text) => parseSpan(text, 0.1, 60));
  if (!timeout.ok) return timeout;
  const healthy = read("HealthyThreshold", HEALTH_TIMING.healthyThreshold, (text) => parseCount(text, 1, 100));
  if (!healthy.ok) return healthy;
  const unhealthy = read("UnhealthyThreshold", HEALTH_TIMING.unhealthyThreshold, (text) => parseCount(text, 1, 100));
  if (!unhealthy.ok) return unhealthy;
  return succeed({
    intervalSeconds: interval.value,
    timeoutSeconds: timeout.value,
    healthyThreshold: healthy.value,
    unhealthyThreshold: unhealthy.value,
  });
}

/** Seconds from `least` to `most`. */
function parseSpan(text: string, least: number, most: number): Result<number> {
  const span = parseTimeSpan(text);
  if (!span.ok || (span.value >= least && span.value <= most)) return span;
  return refuse(unitFault(`${JSON.stringify(text)} is not from ${least} to ${most} seconds`, `${Math.max(least, 2)}s`));
}
