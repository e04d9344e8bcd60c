export { actAsAgent, type AgentOptions, type Behaviour } from "./act-as-agent.ts";
export { applySteps, newestRevision } from "./apply-steps.ts";
export {
  aMachine,
  aReplica,
  aUnit,
  aView,
  at,
  machineId,
  NO_OPTIONS,
  withMachine,
  withoutUnit,
  withUnit,
  type UnitChanges,
} from "./build-view.ts";
export { anOrder } from "./play-relocation.ts";
export { settleDown } from "./settle-down.ts";
