import { assertNever, type Rollout, type RolloutId, type RolloutStep } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import type { Step } from "../view.ts";
import type { Culprit, Judge } from "./verdict.ts";

/** A deploy is true when its rollout is done. */
export function judgeRollout(id: RolloutId): Judge {
  return (facts) => {
    const rollout = facts.rollouts.find((one) => one.id === id);
    if (rollout === undefined) return { kind: "waiting", steps: [], text: "waits for the rollout to begin" };
    const steps = rolloutSteps(facts, rollout);
    const healthy = rollout.steps.filter((step) => step.state === "healthy").length;
    const text = `${healthy} of ${rollout.steps.length} replicas run ${rollout.version}`;
    switch (rollout.state) {
      case "running":
        return { kind: "waiting", steps, text };
      case "done":
        return { kind: "true", steps, text };
      case "failed":
        return {
          kind: "failed",
          steps,
          problem: {
            code: "ROLLOUT_FAILED",
            message: `${rollout.service} ${rollout.version} was not rolled out: ${rollout.reason.text === "" ? rollout.reason.code : rollout.reason.text}`,
            why: whyFailed(rollout, text),
            try: `fleet rollout ${rollout.id}`,
          },
          culprit: culpritOf(rollout),
        };
      default:
        return assertNever(rollout.state);
    }
  };
}

/** One step a replica, in the rollout's order. */
export function rolloutSteps(facts: Facts, rollout: Rollout): readonly Step[] {
  return rollout.steps.map((step) => {
    const at = step.machine === null ? undefined : facts.machines.get(step.machine);
    const where = at === undefined ? "" : hostnameOf(at);
    const detail = [where, step.reason?.text ?? ""].filter((part) => part !== "").join(": ");
    return { label: step.unit, state: STEP_STATES[step.state], detail };
  });
}

const STEP_STATES = {
  pending: "pending",
  updating: "active",
  healthy: "done",
  failed: "failed",
} as const satisfies Record<RolloutStep["state"], Step["state"]>;

function whyFailed(rollout: Rollout, text: string): string {
  const failed = rollout.steps
    .filter((step) => step.state === "failed")
    .map((step) => `${step.unit}: ${step.reason?.text ?? "failed"}`);
  return [...failed, text].join("; ");
}

function culpritOf(rollout: Rollout): Culprit | null {
  const failed = rollout.steps.find((step) => step.state === "failed");
  return failed === undefined || failed.machine === null ? null : { unit: failed.unit, machine: failed.machine };
}
