import type { Problem, UnitName, UnitState } from "@quarterdeck/model";
import type { AppliedUnits } from "./applied-unit.ts";
import { deriveState } from "./derive-state.ts";
import type { CheckedUnit, HealthMonitor, TimedCheck } from "./health/health-monitor.ts";
import { isForeign, type ScheduledUnit } from "./plan-pass.ts";
import { NOT_THERE, type UnitProperties } from "./ports.ts";
import { healthCheckOf } from "./unit-definition.ts";
import type { WrittenUnit } from "./unit-files.ts";

export type Survey = {
  readonly entries: ReadonlyMap<UnitName, ScheduledUnit>;
  readonly files: ReadonlyMap<UnitName, WrittenUnit>;
  /** Every unit of `entries` and `files`. */
  readonly observed: ReadonlyMap<UnitName, UnitProperties>;
  readonly applied: AppliedUnits;
  readonly problems: ReadonlyMap<UnitName, Problem>;
  readonly bootId: string;
  readonly isOurPath: (path: string, unit: UnitName) => boolean;
  readonly previous: (unit: UnitName) => UnitState | null;
  readonly now: Date;
};

/** The state of every unit that is scheduled or lies in our directory; from now on `health` asks the active ones that have a check. */
export function surveyStates(survey: Survey, health: HealthMonitor): ReadonlyMap<UnitName, UnitState> {
  const checks = new Map<UnitName, TimedCheck>();
  for (const [unit, { text }] of survey.files) {
    const check = healthCheckOf(unit, text);
    if (check !== null) checks.set(unit, check);
  }
  health.watch(activeUnits(checks, survey.observed));
  const states = new Map<UnitName, UnitState>();
  for (const [unit, properties] of survey.observed) {
    const state = deriveState({
      scheduled: survey.entries.get(unit) ?? null,
      record: survey.applied.get(unit) ?? null,
      observed: isForeign(unit, properties, survey) ? NOT_THERE : properties,
      health: checks.has(unit) ? health.of(unit) : null,
      problem: survey.problems.get(unit) ?? null,
      previous: survey.previous(unit),
      bootId: survey.bootId,
      now: survey.now,
    });
    states.set(unit, state);
  }
  return states;
}

function activeUnits(
  checks: ReadonlyMap<UnitName, TimedCheck>,
  observed: ReadonlyMap<UnitName, UnitProperties>,
): ReadonlyMap<UnitName, CheckedUnit> {
  const active = new Map<UnitName, CheckedUnit>();
  for (const [unit, check] of checks) {
    const properties = observed.get(unit);
    if (properties?.active === "active") active.set(unit, { ...check, invocationId: properties.invocationId });
  }
  return active;
}
