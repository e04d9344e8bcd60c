import type { Timestamp } from "@quarterdeck/model";
import { assessLosses } from "./assess-losses.ts";
import { createCandidates } from "./candidates.ts";
import { chooseMachine, type ChooseMachine } from "./choose-machine.ts";
import { indexView } from "./cluster-index.ts";
import type { ClusterView, UnitView } from "./cluster-view.ts";
import { groupUnits, type UnitGroup } from "./group-units.ts";
import { createOccupancy } from "./occupancy.ts";
import { isPresent, isWanted, type PlanDraft } from "./plan-draft.ts";
import { planFailing } from "./plan-failing.ts";
import { planGlobal } from "./plan-global.ts";
import { planKeeping } from "./plan-keeping.ts";
import { planLeaving } from "./plan-leaving.ts";
import { planPlacing } from "./plan-placing.ts";
import { planReplacing } from "./plan-replacing.ts";
import { planStatuses } from "./plan-statuses.ts";
import { orderReplacements } from "./replacement-order.ts";
import type { SchedulePlan } from "./schedule-step.ts";
import { createSpreadTally } from "./spread-tally.ts";

/**
 * What the schedule lacks to be what the units ask for, step by step, each with its reason. Equal views give equal plans; a plan that is
 * carried out and acknowledged leaves nothing to plan. Three phases: what leaves, what stays (oldest first, so that what runs has
 * the right of way), what needs a place.
 */
export function planSchedule(view: ClusterView, now: Timestamp): SchedulePlan {
  return planScheduleBy(chooseMachine, view, now);
}

/** The same with another way to choose a machine, which must come to the same answers. */
export function planScheduleBy(choose: ChooseMachine, view: ClusterView, now: Timestamp): SchedulePlan {
  const index = indexView(view);
  const losses = assessLosses(view, index, now);
  const wanted = index.units.filter(isWanted);
  const groups = groupUnits(wanted.filter((unit) => !unit.options.global));
  const replacements = orderReplacements(wanted);
  const tally = createSpreadTally(view);
  const occupancy = createOccupancy({ machines: view.machines, units: view.units, replacements, tally });
  const draft: PlanDraft = {
    view,
    index,
    now,
    losses,
    groups,
    replacements,
    occupancy,
    tally,
    candidates: createCandidates({ view, index, occupancy, tally }),
    choose,
    steps: [],
    holds: [],
    located: new Map(),
    lostEntries: new Map(),
    stopping: new Set(),
    standings: new Map(),
    memories: new Map(),
    wakes: [],
  };
  planLeaving(draft);
  for (const group of ageOrder(wanted, groups)) for (const unit of group) planKeeping(draft, unit, group);
  planFailing(draft, wanted);
  for (const unit of replacements.keys()) {
    const at = draft.located.get(unit);
    const machine = at === undefined ? undefined : view.machines.get(at);
    if (isPresent(machine)) planReplacing(draft, unit, machine);
  }
  // Global units first: they go to every machine anyway, and whoever conflicts with one must know before choosing.
  for (const unit of wanted) if (unit.options.global) planGlobal(draft, unit);
  for (const group of groups) planPlacing(draft, group);
  return {
    steps: planStatuses(draft),
    holds: draft.holds,
    lost: [...losses.lost].toSorted(),
    brake: losses.brake,
    wakeAt: draft.wakes.toSorted()[0] ?? null,
  };
}

/** Global units and groups in one line, by the age of the unit or of the group's oldest member. */
function* ageOrder(wanted: readonly UnitView[], groups: readonly UnitGroup[]): Generator<readonly UnitView[]> {
  let next = 0;
  for (const unit of wanted) {
    if (unit.options.global) yield [unit];
    else if (groups[next]?.id === unit.name) {
      yield groups[next]?.members ?? [];
      next += 1;
    }
  }
}
