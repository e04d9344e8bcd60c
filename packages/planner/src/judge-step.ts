import { reason, type Reason, type RolloutStep, type Timestamp } from "@quarterdeck/model";
import { isHealthy, runsRelease, type ReplicaFacts } from "./observe-replicas.ts";
import type { RolloutView } from "./rollout-plan.ts";

/** How a step that is under way has developed, and when time alone may change that. */
export type StepVerdict = { readonly step: RolloutStep; readonly wakeAt: Timestamp | null };

/** Judges a replica that was started in this rollout: still on its way, healthy for long enough, or failed. */
export function judgeStep(
  { rollout }: RolloutView,
  step: RolloutStep,
  facts: ReplicaFacts,
  now: Timestamp,
): StepVerdict {
  const { deploy } = rollout;
  const current = followMove(step, facts, now);
  const wrong = findFailure(facts, rollout.release);
  if (wrong !== null) return { step: { ...current, state: "failed", healthySince: null, reason: wrong }, wakeAt: null };

  if (isHealthy(facts, rollout.release)) {
    const healthySince =
      current.healthySince === null
        ? since(facts, current, now)
        : later(current.healthySince, since(facts, current, now));
    const due = plus(healthySince, deploy.minHealthySeconds);
    if (due > now) return { step: { ...current, healthySince }, wakeAt: due };
    const why = reason(
      "ROLLOUT_STEP",
      `${step.unit} on ${nameOf(facts)} was healthy for ${deploy.minHealthySeconds} s`,
    );
    return { step: { ...current, state: "healthy", healthySince, reason: why }, wakeAt: null };
  }

  const deadline = plus(current.startedAt ?? now, deploy.healthyDeadlineSeconds);
  if (deadline > now) return { step: { ...current, healthySince: null }, wakeAt: deadline };
  const why = reason(
    "ROLLOUT_UNHEALTHY",
    `${step.unit} ${whereabouts(facts)} was not healthy within ${deploy.healthyDeadlineSeconds} s: ${describe(facts, rollout.release)}`,
  );
  return { step: { ...current, state: "failed", healthySince: null, reason: why }, wakeAt: null };
}

/** A replica whose machine was lost under way starts anew elsewhere, and its deadline with it. */
function followMove(step: RolloutStep, { entry }: ReplicaFacts, now: Timestamp): RolloutStep {
  if (entry === null || entry.machine === step.machine) return step;
  return {
    ...step,
    machine: entry.machine,
    startedAt: step.machine === null ? step.startedAt : now,
    healthySince: null,
  };
}

/** What time will not mend. */
function findFailure(facts: ReplicaFacts, release: number): Reason | null {
  const { unit, state } = facts;
  if (!runsRelease(facts, release) || unit === null || state === null) return null;
  if (state.active === "failed")
    return reason("ROLLOUT_UNHEALTHY", `${unit.name} on ${nameOf(facts)} failed: ${describe(facts, release)}`);
  if (state.problem !== null)
    return reason("ROLLOUT_UNHEALTHY", `${unit.name} on ${nameOf(facts)}: ${state.problem.message}`);
  return null;
}

/**
 * When the copy that runs became what it is. A restart between two reports shows only here; the agent's clock may differ from the
 * engine's, so the moment lies between the start of the step and now.
 */
function since({ state }: ReplicaFacts, step: RolloutStep, now: Timestamp): Timestamp {
  if (step.healthySince === null) return now;
  return state === null || state.since > now ? step.healthySince : state.since;
}

function later(left: Timestamp, right: Timestamp): Timestamp {
  return left > right ? left : right;
}

/** The last thing that is known about a replica that does not do well. */
function describe(facts: ReplicaFacts, release: number): string {
  const { unit, machine, state, status, entry } = facts;
  if (unit === null) return "somebody destroyed it";
  if (entry === null)
    return status === null
      ? "it has no machine yet"
      : [status.reason.text, ...status.refusals.map((refusal) => refusal.reason.text)].join("; ");
  if (machine?.presence.kind !== "present") return `${machine?.hostname ?? entry.machine} does not answer`;
  if (state === null) return "its machine has not reported it yet";
  if (!runsRelease(facts, release))
    return state.problem?.message ?? `the old copy is still there (${state.active}/${state.sub})`;
  if (state.active === "failed")
    return [`result ${state.result}`, state.healthDetail].filter((part) => part !== "").join(", ");
  if (state.active !== "active") return `${state.active}/${state.sub}, ${state.restarts} restarts`;
  return state.healthDetail === "" ? `health ${state.health}` : `health ${state.health}: ${state.healthDetail}`;
}

function whereabouts(facts: ReplicaFacts): string {
  return facts.entry === null ? "(on no machine)" : `on ${nameOf(facts)}`;
}

function nameOf({ machine, entry }: ReplicaFacts): string {
  return machine?.hostname ?? entry?.machine ?? "no machine";
}

/** Timestamps of one writer compare as text. */
export function plus(at: Timestamp, seconds: number): Timestamp {
  return new Date(Date.parse(at) + Math.round(seconds * 1000)).toISOString() as Timestamp;
}
