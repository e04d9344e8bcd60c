import type { FleetCluster } from "@quarterdeck/commands/fleet";
import type { RecentStops } from "./recent-stops.ts";

/** What an exchange needs besides the request. */
export type FleetApi = {
  /** Opened with the first request; throws what opening throws. */
  cluster(signal: AbortSignal): Promise<FleetCluster>;
  readonly stops: RecentStops;
  /** In Prometheus's text format. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
};

/** A request as it came, its body not yet understood. */
export type FleetRequest = {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Every Content-Type header. */
  readonly contentTypes: readonly string[];
  readonly body: string;
};
