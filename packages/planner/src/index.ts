export { authorise } from "./authorise.ts";
export { batchSteps } from "./batch-steps.ts";
export type { ClusterView, EntryView, MachinePresence, MachineView, StateView, UnitView } from "./cluster-view.ts";
export { draftRollout, type RolloutRequest } from "./draft-rollout.ts";
export { explainUnit, type CopyFacts, type Explanation } from "./explain-unit.ts";
export { planRollout } from "./plan-rollout.ts";
export { planSchedule } from "./plan-schedule.ts";
export type { RolloutAction, RolloutPlan, RolloutView } from "./rollout-plan.ts";
export type { Expectation, Hold, SchedulePlan, ScheduleStep } from "./schedule-step.ts";
