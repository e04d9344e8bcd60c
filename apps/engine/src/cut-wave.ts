import type { Rollout } from "@quarterdeck/model";
import type { RolloutPlan } from "@quarterdeck/planner";

/** Replicas started in one transaction: a unit and an entry each, far below the 128 operations that etcd takes. */
const MAX_STARTS = 32;

/**
 * The part of a plan that fits one transaction: starts beyond the limit are left out, and their steps stay as they are stored, so that the
 * next pass plans them again.
 */
export function cutWave(plan: RolloutPlan, stored: Rollout): RolloutPlan {
  const starts = plan.actions.filter(({ kind }) => kind === "start");
  if (starts.length <= MAX_STARTS) return plan;
  const late = new Set(starts.slice(MAX_STARTS).map(({ unit }) => unit));
  const before = new Map(stored.steps.map((step) => [step.unit, step]));
  return {
    ...plan,
    actions: plan.actions.filter(({ kind, unit }) => kind !== "start" || !late.has(unit)),
    rollout: {
      ...plan.rollout,
      steps: plan.rollout.steps.map((step) => (late.has(step.unit) ? (before.get(step.unit) ?? step) : step)),
    },
  };
}
