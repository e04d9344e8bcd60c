// What benchmarks put together otherwise than `quarterdeck engine` does.
export { createClusterDeriver } from "./cluster-deriver.ts";
export { MIRRORED, runEngine } from "./engine.ts";
export { leadTerm } from "./lead-term.ts";
export { createLossWatch } from "./loss-watch.ts";
export { absentRegistry } from "./registry/absent-registry.ts";
export { createScheduleStage } from "./stage-schedule.ts";
export { createSystemClock } from "./system-clock.ts";
export { createWake } from "./wake.ts";
