import type { Incarnation } from "@quarterdeck/model";
import type { ClusterView, EntryView } from "../cluster-view.ts";
import type { RolloutPlan } from "../rollout-plan.ts";
import { newestRevision } from "./apply-steps.ts";
import { NO_OPTIONS, withoutUnit, withUnit } from "./build-view.ts";

/** The view after an engine has carried a rollout's actions out; new units get `options` as their unit file would give them. */
export function applyRollout(view: ClusterView, plan: RolloutPlan, options = NO_OPTIONS): ClusterView {
  let current = view;
  let revision = newestRevision(view);
  for (const action of plan.actions) {
    if (action.kind === "retire") current = withoutUnit(current, action.unit);
    if (action.kind !== "start") continue;
    revision += 1n;
    const incarnation = current.units.get(action.unit)?.incarnation ?? (String(revision) as Incarnation);
    current = withUnit(current, { name: action.unit, incarnation, options, unit: action.value });
    if (action.entry === null) continue;
    const rewritten: EntryView = {
      machine: action.entry.machine,
      unit: action.unit,
      entry: action.entry.entry,
      modRevision: revision,
    };
    const others = current.entries.filter((entry) => entry.unit !== action.unit || entry.machine !== rewritten.machine);
    current = { ...current, entries: [...others, rewritten] };
  }
  return current;
}
