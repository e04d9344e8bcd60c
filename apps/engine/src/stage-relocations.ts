import { ranges, type Entry } from "@quarterdeck/etcd";
import type { Relocation } from "@quarterdeck/model";
import { planRelocation, type RelocationPlan } from "@quarterdeck/planner";
import type { ClusterDeriver } from "./cluster-deriver.ts";
import { composeRelocation } from "./compose-relocation.ts";
import { earliest } from "./earliest.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { isEnded } from "./is-ended.ts";
import type { Commit, Pass, Stage } from "./stage.ts";

/** Drives every drain and rebalance that has not ended, move by move, behind the health of what was moved. */
export function createRelocationStage(derive: ClusterDeriver): Stage {
  return {
    name: "relocations",
    plan(pass) {
      let dueAt: number | null = null;
      for (const stored of pass.view.list(ranges.relocations).filter(({ value }) => !isEnded(value))) {
        const plan = planRelocation(stored.value, derive(pass).cluster, formatTimestamp(pass.now));
        // One a pass: an ending one is a link of the audit chain.
        if (plan.relocation !== stored.value) return { commits: [commitOf(pass, stored, plan)], dueAt };
        const wait = plan.wakeAt === null ? null : pass.elapsed + Math.max(1, Date.parse(plan.wakeAt) - pass.now);
        dueAt = earliest(dueAt, wait);
      }
      return { commits: [], dueAt };
    },
  };
}

function commitOf(pass: Pass, stored: Entry<Relocation>, plan: RelocationPlan): Commit {
  const { id, state, reason } = plan.relocation;
  return {
    transaction: composeRelocation(pass.view, stored, { plan, now: pass.now, signer: pass.signer }),
    message: "moved a relocation on",
    fields: {
      relocation: id,
      state,
      reason: reason.text,
      writes: plan.writes.map(
        ({ unit, machine, entry }) => `${entry.target.kind} ${unit} on ${machine.slice(0, 8)}: ${entry.reason.text}`,
      ),
    },
  };
}
