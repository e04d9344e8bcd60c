/** The section that systemd ignores and Quarterdeck places by. */
export const FLEET_SECTION = "X-Fleet";

/** Of `[X-Fleet]`; docs/units.md describes each. */
export const FLEET_KEYS = [
  "MachineID",
  "MachineOf",
  "MachineMetadata",
  "Conflicts",
  "Global",
  "Replaces",
  "MemoryReserve",
  "CPUReserve",
  "Spread",
  "Singleton",
  "Reschedule",
  "RunOnce",
  "Identity",
  "System",
] as const;
export type FleetKey = (typeof FLEET_KEYS)[number];

/** Spellings of fleet before 0.8 that units in the wild still carry. */
const LEGACY: ReadonlyMap<string, FleetKey> = new Map([
  ["MachineBootID", "MachineID"],
  ["X-ConditionMachineID", "MachineID"],
  ["X-ConditionMachineBootID", "MachineID"],
  ["X-ConditionMachineOf", "MachineOf"],
  ["X-ConditionMachineMetadata", "MachineMetadata"],
  ["X-Conflicts", "Conflicts"],
]);

/** Today's spelling of a key, or `null` for one that fleet never knew. */
export function modernKey(key: string): FleetKey | null {
  return FLEET_KEYS.find((known) => known === key) ?? LEGACY.get(key) ?? null;
}
