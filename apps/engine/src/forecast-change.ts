import { ranges, type Operation } from "@quarterdeck/etcd";
import { assertNever, type Forecast } from "@quarterdeck/model";
import { forecastRelocation, planSchedule, type ScheduleStep } from "@quarterdeck/planner";
import type { ClusterDeriver } from "./cluster-deriver.ts";
import { forecastRollouts } from "./forecast-rollout.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { createOverlay } from "./overlay.ts";
import type { Pass } from "./stage.ts";

/** What a change would lead to: the plans of the cluster as the change would leave it, without what is planned already. Writes nothing. */
export function forecastChange(pass: Pass, change: readonly Operation[], derive: ClusterDeriver): readonly Forecast[] {
  const view = createOverlay(pass.view);
  view.apply(change, pass.view.revision + 1n);
  const now = formatTimestamp(pass.now);
  const known = new Set(planSchedule(derive(pass).cluster, now).steps.map(nameOf));
  const rollouts = forecastRollouts({ ...pass, view }, change, derive);
  view.apply(rollouts.writes, pass.view.revision + 2n);
  const { cluster } = derive({ ...pass, view });
  const steps = planSchedule(cluster, now).steps.filter((step) => !known.has(nameOf(step)));
  const ordered = view.list(ranges.relocations).filter(({ value }) => value.state === "ordered");
  return [
    ...rollouts.steps.filter(({ step }) => step !== "wait"),
    ...steps.flatMap(describe),
    ...ordered
      .filter(({ path }) => change.some((operation) => operation.path === path))
      .flatMap(({ value }) => forecastRelocation(value, cluster, now)),
    ...rollouts.steps.filter(({ step }) => step === "wait"),
  ];
}

function nameOf({ kind, unit, machine }: ScheduleStep): string {
  return `${kind} ${unit} ${machine}`;
}

function describe(step: ScheduleStep): readonly Forecast[] {
  const units = [step.unit];
  const { reason } = step;
  switch (step.kind) {
    case "place":
      return [{ step: "place", units, from: null, to: step.machine, reason }];
    case "update":
      return [{ step: "update", units, from: null, to: step.machine, reason }];
    case "remove":
    case "settle":
      return [{ step: "stop", units, from: step.machine, to: null, reason }];
    case "replaceLost":
      return [{ step: "move", units, from: step.lost, to: step.machine, reason }];
    case "unplaceable": {
      const texts = step.status.refusals.map((refusal) => refusal.reason.text);
      const text = [reason.text, ...texts].join("; ");
      return [{ step: "stay", units, from: null, to: null, reason: { code: reason.code, text } }];
    }
    case "forget":
    case "record":
      return [];
    default:
      return assertNever(step);
  }
}
