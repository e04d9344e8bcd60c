export type * from "./fleet-cluster.ts";
export { openFleetCluster } from "./open-fleet-cluster.ts";
export { systemClock, type Clock } from "../clock.ts";
