import { CodedError, type Timestamp } from "@quarterdeck/model";
import type { ClusterView } from "../cluster-view.ts";
import { planSchedule } from "../plan-schedule.ts";
import { actAsAgent } from "./act-as-agent.ts";
import { applySteps } from "./apply-steps.ts";

/**
 * Engine and agents of present machines in turn, until nothing is left to plan.
 * @throws {CodedError} INTERNAL when there is still something to do after `passes`
 */
export function settleDown(view: ClusterView, now: Timestamp, passes = 40): ClusterView {
  let current = view;
  for (let pass = 0; pass < passes; pass += 1) {
    const { steps } = planSchedule(current, now);
    current = applySteps(current, steps);
    for (const machine of current.machines.values()) {
      if (machine.presence.kind === "present") current = actAsAgent(current, machine.machine, { now });
    }
    if (steps.length === 0 && planSchedule(current, now).steps.length === 0) return current;
  }
  const left = planSchedule(current, now).steps.map((step) => `${step.kind} ${step.unit}: ${step.reason.text}`);
  throw new CodedError("INTERNAL", { message: `not at rest after ${passes} passes: ${left.join("; ")}` });
}
