import { keys, ranges, type Entry } from "@quarterdeck/etcd";
import type { Rollout } from "@quarterdeck/model";
import { planRollout, type RolloutPlan } from "@quarterdeck/planner";
import type { ClusterDeriver } from "./cluster-deriver.ts";
import { composeRollout } from "./compose-rollout.ts";
import { cutWave } from "./cut-wave.ts";
import { earliest } from "./earliest.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import type { EngineLog } from "./ports.ts";
import type { Commit, Pass, Stage } from "./stage.ts";

/** Drives every running rollout, wave by wave, behind the health of what it started. */
export function createRolloutStage(derive: ClusterDeriver, log: EngineLog): Stage {
  const reported = new Set<string>();
  return {
    name: "rollouts",
    plan(pass) {
      let dueAt: number | null = null;
      for (const stored of pass.view.list(ranges.rollouts).filter(({ value }) => value.state === "running")) {
        const release = pass.view.get(keys.release(stored.value.service, stored.value.release))?.value;
        if (release === undefined) {
          if (!reported.has(stored.path))
            log.error({ rollout: stored.value.id, code: "INTERNAL" }, "a rollout has no release and is left alone");
          reported.add(stored.path);
          continue;
        }
        const plan = cutWave(
          planRollout({ rollout: stored.value, release }, derive(pass).cluster, formatTimestamp(pass.now)),
          stored.value,
        );
        // One rollout a pass: an ending one is a link of the audit chain.
        if (plan.rollout !== stored.value || plan.actions.length > 0)
          return { commits: [commitOf(pass, stored, plan)], dueAt };
        dueAt = earliest(
          dueAt,
          plan.wakeAt === null ? null : pass.elapsed + Math.max(1, Date.parse(plan.wakeAt) - pass.now),
        );
      }
      return { commits: [], dueAt };
    },
  };
}

function commitOf(pass: Pass, stored: Entry<Rollout>, plan: RolloutPlan): Commit {
  return {
    transaction: composeRollout(pass.view, stored, { plan, now: pass.now, signer: pass.signer }),
    message: "moved a rollout on",
    fields: {
      rollout: plan.rollout.id,
      state: plan.rollout.state,
      reason: plan.rollout.reason.text,
      actions: plan.actions.map(({ kind, unit, reason: why }) => `${kind} ${unit}: ${why.code} ${why.text}`),
    },
  };
}
