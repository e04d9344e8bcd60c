import type { Timestamp } from "@quarterdeck/model";
import {
  planSchedule,
  repeatPlan,
  type PlannedSchedule,
  type SchedulePlan,
  type ScheduleStep,
} from "@quarterdeck/planner";
import type { ClusterDeriver } from "./cluster-deriver.ts";
import { composeSteps } from "./compose-steps.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { planBrake } from "./plan-brake.ts";
import { declareLost } from "./plan-machines.ts";
import type { EngineLog } from "./ports.ts";
import type { Commit, Pass, Stage } from "./stage.ts";

/** Puts units on machines, moves them off lost ones, and stops by explicit entries what should no longer run. */
export function createScheduleStage(derive: ClusterDeriver, log: EngineLog): Stage {
  let braked = false;
  let last: PlannedSchedule | null = null;
  return {
    name: "schedule",
    plan(pass) {
      const { cluster, ...derived } = derive(pass);
      const now = formatTimestamp(pass.now);
      const plan = (last === null ? null : repeatPlan(last, cluster, now)) ?? planSchedule(cluster, now);
      last = { view: cluster, now, plan };
      const dueAt = earlier(derived.dueAt, plan.wakeAt === null ? null : wakeIn(pass, plan.wakeAt));
      if (plan.brake !== null && !braked)
        log.warn({ ...plan.brake }, "too many machines are lost at once, nothing is moved");
      braked = plan.brake !== null;
      const brake = planBrake(pass.view, { cluster, brake: plan.brake }, pass);
      if (brake !== null) return { commits: [brake], dueAt };
      // A loss is written down before anything is done about it, so that what follows can be explained.
      const losses = declareFirst(pass, plan);
      if (losses.length > 0) return { commits: losses, dueAt };
      const commits = composeSteps(pass.view, plan.steps).map(({ steps, transaction }): Commit => ({
        transaction,
        message: "changed the schedule",
        fields: { steps: steps.map(describeStep) },
      }));
      return { commits, dueAt };
    },
  };
}

function wakeIn({ now, elapsed }: Pass, wakeAt: Timestamp): number {
  return elapsed + Math.max(1, Date.parse(wakeAt) - now);
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** One loss a pass: each is a link of the audit chain, and the next link needs this one in the mirror. */
function declareFirst({ view, ...moment }: Pass, plan: SchedulePlan): readonly Commit[] {
  for (const machine of plan.lost) {
    const act = declareLost(view, machine, moment);
    if (act !== null) return [{ transaction: act.transaction, message: "a machine is lost", fields: { machine } }];
  }
  return [];
}

function describeStep(step: ScheduleStep): string {
  const where = step.machine === null ? "" : ` on ${step.machine.slice(0, 8)}`;
  return `${step.kind} ${step.unit}${where}: ${step.reason.code} ${step.reason.text}`;
}
