import type { Problem, Timestamp, UnitState } from "@quarterdeck/model";
import type { AppliedUnit } from "./applied-unit.ts";
import type { UnitHealth } from "./health/health-monitor.ts";
import type { ScheduledUnit } from "./plan-pass.ts";
import type { UnitProperties } from "./ports.ts";

export type StateInput = {
  readonly scheduled: ScheduledUnit | null;
  readonly record: AppliedUnit | null;
  readonly observed: UnitProperties;
  /** `null` when the unit has no check. */
  readonly health: UnitHealth | null;
  /** What keeps the agent from carrying the entry out. */
  readonly problem: Problem | null;
  /** The state reported last. */
  readonly previous: UnitState | null;
  readonly bootId: string;
  readonly now: Date;
};

const DETAIL_LIMIT = 200;

/** What is reported of a unit. Nothing in it changes by itself, so an idle unit is never written again. */
export function deriveState({
  scheduled,
  record,
  observed,
  health,
  problem,
  previous,
  bootId,
  now,
}: StateInput): UnitState {
  // An orphan is what no entry names; an entry that could not be carried out yet is none.
  const incarnation = scheduled === null ? null : (record?.incarnation ?? scheduled.entry.incarnation);
  // What was made absent was acted on by nobody: a later entry, even of the same generation, is a new beginning.
  const acted = record?.target === "absent" ? null : record;
  const up = observed.active === "active";
  return {
    v: 1,
    incarnation,
    generation: acted?.generation ?? 0,
    release: acted?.release ?? null,
    hash: acted?.hash ?? null,
    load: observed.load,
    active: observed.active,
    sub: observed.sub,
    result: observed.result,
    health: health === null ? "none" : up ? health.health : "unknown",
    healthDetail: health === null || !up ? "" : health.detail.replaceAll(/\s+/g, " ").slice(0, DETAIL_LIMIT),
    restarts: observed.restarts,
    since: sinceOf(observed, previous, now),
    bootId,
    invocationId: observed.invocationId,
    // While a start is under way, after a reboot too, what is seen is not yet what the entry has led to.
    entryRevision: scheduled === null || record?.acting != null ? null : (record?.entryRevision ?? null),
    problem: problem ?? record?.problem ?? null,
  };
}

/** systemd forgets the times of a unit that it unloads; then what was reported stays, or the moment we saw it counts. */
function sinceOf(observed: UnitProperties, previous: UnitState | null, now: Date): Timestamp {
  if (observed.stateChangedAtMs > 0) return new Date(observed.stateChangedAtMs).toISOString() as Timestamp;
  if (previous !== null && previous.active === observed.active && previous.sub === observed.sub) return previous.since;
  return now.toISOString() as Timestamp;
}
