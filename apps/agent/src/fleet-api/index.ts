export type { FleetApi } from "./ports.ts";
export { RecentStops } from "./recent-stops.ts";
export { serveFleetApi } from "./serve-fleet-api.ts";
