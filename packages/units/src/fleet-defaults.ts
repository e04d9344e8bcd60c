import type { FleetOptions } from "./parse-fleet-options.ts";

/** The options of a unit without `[X-Fleet]`. */
export const FLEET_DEFAULTS: FleetOptions = {
  machineId: null,
  machineOf: [],
  machineMetadata: [],
  conflicts: [],
  global: false,
  replaces: [],
  memoryReserveMiB: null,
  cpuReserveCores: null,
  spread: null,
  singleton: false,
  reschedule: "lost",
  runOnce: false,
  identity: null,
  system: false,
};
