export { batchSteps } from "./batch-steps.ts";
export type { ClusterView, EntryView, MachinePresence, MachineView, StateView, UnitView } from "./cluster-view.ts";
export { planSchedule } from "./plan-schedule.ts";
export type { RolloutAction, RolloutPlan, RolloutView } from "./rollout-plan.ts";
export type { Expectation, Hold, SchedulePlan, ScheduleStep } from "./schedule-step.ts";
