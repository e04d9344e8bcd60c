import { keys, ranges, type Operation } from "@quarterdeck/etcd";
import { reason, type Forecast, type Rollout } from "@quarterdeck/model";
import { planRollout, type RolloutAction } from "@quarterdeck/planner";
import type { ClusterDeriver } from "./cluster-deriver.ts";
import { composeAction } from "./compose-rollout.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import type { Pass } from "./stage.ts";

export type RolloutForecast = {
  /** What the first waves write; the planner then places what has no machine yet. */
  readonly writes: readonly Operation[];
  readonly steps: readonly Forecast[];
};

/** The first wave of the rollouts that a change begins, and what waits for it. `pass` sees the cluster as the change would leave it. */
export function forecastRollouts(pass: Pass, change: readonly Operation[], derive: ClusterDeriver): RolloutForecast {
  const paths = new Set(change.map(({ path }) => path));
  const begun = pass.view
    .list(ranges.rollouts)
    .filter(({ path, value }) => paths.has(path) && value.state === "running");
  const found = begun.map(({ value }) => forecastRollout(pass, value, derive));
  return { writes: found.flatMap(({ writes }) => writes), steps: found.flatMap(({ steps }) => steps) };
}

function forecastRollout(pass: Pass, rollout: Rollout, derive: ClusterDeriver): RolloutForecast {
  const release = pass.view.get(keys.release(rollout.service, rollout.release))?.value;
  if (release === undefined) return { writes: [], steps: [] };
  const plan = planRollout({ rollout, release }, derive(pass).cluster, formatTimestamp(pass.now));
  const waiting = plan.rollout.steps.filter(({ state }) => state === "pending").map(({ unit }) => unit);
  const surplus = surplusOf(pass, rollout);
  return {
    writes: plan.actions.flatMap((action) => composeAction(pass.view, action).then),
    steps: [
      ...plan.actions.flatMap(describe),
      ...wait(waiting, `${rollout.deploy.maxParallel} at a time, each behind the health of the one before it`),
      ...wait(surplus, `more than the ${rollout.deploy.replicas} that are wanted: stopped when these are healthy`),
    ],
  };
}

/** What has no machine yet is told by the placing. */
function describe(action: RolloutAction): readonly Forecast[] {
  if (action.kind !== "start" || action.entry === null) return [];
  return [{ step: "update", units: [action.unit], from: null, to: action.entry.machine, reason: action.reason }];
}

function wait(units: Forecast["units"], why: string): readonly Forecast[] {
  if (units.length === 0) return [];
  return [{ step: "wait", units, from: null, to: null, reason: reason("ROLLOUT_WAITING", why) }];
}

function surplusOf({ view }: Pass, rollout: Rollout): Forecast["units"] {
  const wanted = new Set(rollout.steps.map(({ unit }) => unit));
  return view.list(ranges.units).flatMap(({ names, value: { origin } }) => {
    const [unit] = names as Forecast["units"];
    const isSurplus = origin.kind === "replica" && origin.service === rollout.service && unit !== undefined;
    return isSurplus && !wanted.has(unit) ? [unit] : [];
  });
}
