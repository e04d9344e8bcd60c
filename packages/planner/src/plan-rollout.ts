import { reason, type Reason, type Rollout, type RolloutStep, type Timestamp, type UnitName } from "@quarterdeck/model";
import { compareText } from "./cluster-index.ts";
import type { ClusterView } from "./cluster-view.ts";
import { judgeStep, plus } from "./judge-step.ts";
import { isHealthy, observeReplicas } from "./observe-replicas.ts";
import type { RolloutAction, RolloutPlan, RolloutView } from "./rollout-plan.ts";
import { startReplica } from "./start-replica.ts";

/** How many surplus replicas may go in one transaction. */
const MOST_RETIRED = 16;

/**
 * The next move of a rollout: replicas are replaced MaxParallel at a time, the next one only when one before it has been healthy for
 * MinHealthySec without a break; the first failure stops it. A first deploy starts all replicas at once, because nothing runs yet that
 * could be harmed. Surplus replicas go last, once all that are wanted are well. A rollout that has ended is returned as it is.
 */
export function planRollout(view: RolloutView, cluster: ClusterView, now: Timestamp): RolloutPlan {
  const { rollout } = view;
  if (rollout.state !== "running") return { actions: [], rollout, wakeAt: null };
  const facts = observeReplicas(
    cluster,
    rollout.steps.map((step) => step.unit),
  );
  const actions: RolloutAction[] = [];
  const wakes: Timestamp[] = [];

  const steps = rollout.steps.map((step) => {
    const known = facts.get(step.unit);
    if (step.state !== "updating" || known === undefined) return step;
    const verdict = judgeStep(view, step, known, now);
    if (verdict.wakeAt !== null) wakes.push(verdict.wakeAt);
    if (verdict.step.state === "healthy" || verdict.step.state === "failed") {
      actions.push({
        kind: verdict.step.state === "healthy" ? "healthy" : "fail",
        unit: step.unit,
        reason: verdict.step.reason ?? rollout.reason,
      });
    }
    return verdict.step;
  });

  const failure = findFailure(rollout, steps, now);
  if (failure !== null)
    return { actions, rollout: { ...rollout, steps, state: "failed", reason: failure, endedAt: now }, wakeAt: null };

  // A replica that was well and is not any more (it broke late, or lost its machine) stops the next wave until it is well again.
  const relapsed = steps.some((step) => {
    const known = facts.get(step.unit);
    return step.state === "healthy" && known !== undefined && !isHealthy(known, rollout.release);
  });
  const atOnce = rollout.previous === null ? steps.length : rollout.deploy.maxParallel;
  let free = relapsed ? 0 : atOnce - steps.filter((step) => step.state === "updating").length;
  const started = steps.map((step) => {
    const known = facts.get(step.unit);
    if (step.state !== "pending" || free <= 0 || known === undefined) return step;
    free -= 1;
    const start = startReplica(view, step, known, now);
    actions.push(start.action);
    wakes.push(plus(now, rollout.deploy.healthyDeadlineSeconds));
    return start.step;
  });
  if (started.some((step) => step.state !== "healthy")) {
    wakes.push(plus(lastProgress(rollout, started), rollout.deploy.progressDeadlineSeconds));
    return { actions, rollout: keepUnchanged(rollout, started), wakeAt: wakes.toSorted()[0] ?? null };
  }
  return finish({ rollout, steps: started, actions, cluster, now });
}

function findFailure(rollout: Rollout, steps: readonly RolloutStep[], now: Timestamp): Reason | null {
  const failed = steps.find((step) => step.state === "failed");
  const done = steps.filter((step) => step.state === "healthy").length;
  const stopped = `stopped after ${done} of ${steps.length}`;
  if (failed !== undefined)
    return reason(failed.reason?.code ?? "ROLLOUT_UNHEALTHY", `${failed.reason?.text ?? failed.unit}; ${stopped}`);
  const since = lastProgress(rollout, steps);
  if (done === steps.length || plus(since, rollout.deploy.progressDeadlineSeconds) > now) return null;
  const busy =
    steps.find((step) => step.state === "updating")?.unit ?? "a replica that was healthy and is not any more";
  return reason(
    "ROLLOUT_DEADLINE",
    `no progress for ${rollout.deploy.progressDeadlineSeconds} s, waiting for ${busy}; ${stopped}`,
  );
}

/** The last time that a replica became healthy for good, or the start. */
function lastProgress(rollout: Rollout, steps: readonly RolloutStep[]): Timestamp {
  const ends = steps.flatMap((step) =>
    step.state === "healthy" && step.healthySince !== null
      ? [plus(step.healthySince, rollout.deploy.minHealthySeconds)]
      : [],
  );
  return [rollout.startedAt, ...ends].toSorted().at(-1) ?? rollout.startedAt;
}

type Finish = {
  readonly rollout: Rollout;
  readonly steps: RolloutStep[];
  readonly actions: RolloutAction[];
  readonly cluster: ClusterView;
  readonly now: Timestamp;
};

/** All are healthy: surplus replicas go, and when there are none left the rollout is done. */
function finish({ rollout, steps, actions, cluster, now }: Finish): RolloutPlan {
  const surplus = surplusReplicas(rollout, cluster);
  for (const unit of surplus.slice(0, MOST_RETIRED)) {
    actions.push({
      kind: "retire",
      unit,
      reason: reason(
        "SCALED",
        `${rollout.service} has ${rollout.deploy.replicas} replicas now; ${unit} is one too many`,
      ),
    });
  }
  if (surplus.length > MOST_RETIRED) return { actions, rollout: keepUnchanged(rollout, steps), wakeAt: null };
  const why = reason(
    "ROLLOUT_DONE",
    `${rollout.service} ${rollout.version} runs on ${steps.length === 1 ? "its one replica" : `all ${steps.length} replicas`}`,
  );
  return { actions, rollout: { ...rollout, steps, state: "done", reason: why, endedAt: now }, wakeAt: null };
}

/** Highest index first. */
function surplusReplicas(rollout: Rollout, cluster: ClusterView): readonly UnitName[] {
  const surplus = [...cluster.units.values()].flatMap(({ name, unit: { origin } }) =>
    origin.kind === "replica" && origin.service === rollout.service && origin.index > rollout.deploy.replicas
      ? [{ name, index: origin.index }]
      : [],
  );
  return surplus
    .toSorted((left, right) => right.index - left.index || compareText(left.name, right.name))
    .map(({ name }) => name);
}

/** The object that was given when no step differs, so that a caller can see at once that there is nothing to write. */
function keepUnchanged(rollout: Rollout, steps: RolloutStep[]): Rollout {
  const same = steps.every((step, index) => {
    const before = rollout.steps[index];
    return (
      before !== undefined &&
      step.state === before.state &&
      step.machine === before.machine &&
      step.startedAt === before.startedAt &&
      step.healthySince === before.healthySince &&
      step.reason?.text === before.reason?.text
    );
  });
  return same ? rollout : { ...rollout, steps };
}
