import { assertNever, type Problem, type Rollout, type RolloutId } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";
import { previousVersion, replicaNow, rolloutSteps } from "./rollout-steps.ts";
import type { Culprit, Judge } from "./verdict.ts";

/** A deploy is true when its rollout is done. */
export function judgeRollout(id: RolloutId): Judge {
  return (facts, _, now) => {
    const rollout = facts.rollouts.find((one) => one.id === id);
    if (rollout === undefined) return { kind: "waiting", steps: [], text: "waits for the rollout to begin" };
    const steps = rolloutSteps(facts, rollout, now);
    const healthy = rollout.steps.filter((step) => step.state === "healthy").length;
    const text = `${healthy} of ${rollout.steps.length} replicas run ${rollout.version}`;
    switch (rollout.state) {
      case "running":
        return {
          kind: "waiting",
          steps,
          text: [`${healthy} of ${rollout.steps.length} done`, ...underWay(facts, rollout, now)].join("; "),
          // Seconds that pass and a check that goes on failing are no progress.
          mark: JSON.stringify(rollout.steps.map((step) => [step.state, step.machine])),
        };
      case "done":
        return { kind: "true", steps, text, reason: rollout.reason };
      case "failed":
        return {
          kind: "failed",
          // The problem says it below.
          steps: steps.map((step) => (step.state === "failed" ? { ...step, detail: "" } : step)),
          problem: failure(facts, rollout),
          culprit: culpritOf(rollout),
        };
      default:
        return assertNever(rollout.state);
    }
  };
}

/** `web@1 on m3, 10 s: its check fails: HTTP 500`, for the first two that are under way. */
function underWay(facts: Facts, rollout: Rollout, now: number): readonly string[] {
  const busy = rollout.steps.filter((step) => step.state === "updating");
  const told = busy.slice(0, 2).map((step) => {
    const { name, seconds, says } = replicaNow(facts, rollout, step, now);
    return `${name}${seconds === 0 ? "" : `, ${seconds} s`}: ${says}`;
  });
  return busy.length > 2 ? [...told, `${busy.length - 2} more under way`] : told;
}

function failure(facts: Facts, rollout: Rollout): Problem {
  const said = rollout.reason.text === "" ? rollout.reason.code : rollout.reason.text;
  const failed = rollout.steps.filter((step) => step.state === "failed");
  const unsaid = failed.flatMap((step) => {
    const text = step.reason?.text ?? "";
    return text === "" || said.includes(text) ? [] : [`${step.unit}: ${text}`];
  });
  const before = previousVersion(facts, rollout);
  const untouched = rollout.steps.filter((step) => step.state === "pending").length;
  const still =
    before === null || untouched === 0 ? [] : [`${untouched} of ${rollout.steps.length} replicas still run ${before}`];
  const why = [...unsaid, ...still].join("; ");
  return {
    code: "ROLLOUT_FAILED",
    message: `${rollout.service} ${rollout.version} was not rolled out: ${said}`,
    ...(why === "" ? {} : { why }),
    try:
      before === null
        ? `fleet journal ${failed[0]?.unit ?? rollout.service}`
        : `fleet deploy ${rollout.service} ${before}`,
  };
}

function culpritOf(rollout: Rollout): Culprit | null {
  const failed = rollout.steps.find((step) => step.state === "failed");
  return failed === undefined || failed.machine === null ? null : { unit: failed.unit, machine: failed.machine };
}
