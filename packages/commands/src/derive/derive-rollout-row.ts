import type { Rollout, RolloutId, RolloutState, ServiceName, Timestamp } from "@quarterdeck/model";
import { reasonLine } from "./reason-line.ts";

/** A row of `rollouts`, and its JSON. */
export type RolloutRow = {
  readonly rollout: RolloutId;
  readonly service: ServiceName;
  readonly release: number;
  readonly version: string;
  /** The release it replaces; `null` on a first deploy. */
  readonly previous: number | null;
  readonly state: RolloutState;
  readonly updated: number;
  readonly total: number;
  readonly by: string;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp | null;
  readonly reason: string;
};

export function deriveRolloutRow(rollout: Rollout): RolloutRow {
  return {
    rollout: rollout.id,
    service: rollout.service,
    release: rollout.release,
    version: rollout.version,
    previous: rollout.previous,
    state: rollout.state,
    updated: rollout.steps.filter((step) => step.state === "healthy").length,
    total: rollout.steps.length,
    by: rollout.by,
    startedAt: rollout.startedAt,
    endedAt: rollout.endedAt,
    reason: reasonLine(rollout.reason),
  };
}
