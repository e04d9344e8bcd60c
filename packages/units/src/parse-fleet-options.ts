import {
  nearest,
  parseMachineId,
  parseUnitName,
  refuse,
  succeed,
  type MachineId,
  type Problem,
  type Result,
  type UnitIdentity,
  type UnitName,
} from "@quarterdeck/model";
import { checkFleetRules } from "./check-fleet-rules.ts";
import { FLEET_KEYS, FLEET_SECTION, modernKey } from "./fleet-keys.ts";
import { createReader } from "./fleet-reader.ts";
import { parseGlob } from "./glob.ts";
import { parseTruth } from "./parse-truth.ts";
import { readOwnKeys } from "./read-own-keys.ts";
import { assignmentsIn, type UnitDocument } from "./unit-document.ts";
import { unitFault } from "./unit-fault.ts";

/** `[X-Fleet]` as data, specifiers expanded. */
export type FleetOptions = {
  readonly machineId: MachineId | null;
  readonly machineOf: readonly UnitName[];
  /** One of the values must match for each key. */
  readonly machineMetadata: readonly MetadataRule[];
  /**
   * Patterns of {@link parseGlob}. A unit never conflicts with itself. `%H` and `%m` stand for the machine that is judged, and a percent sign
   * is written `%%`; see `expandForMachine`.
   */
  readonly conflicts: readonly string[];
  readonly global: boolean;
  readonly replaces: readonly UnitName[];
  /** What the unit is counted with on its machine; `null` counts nothing. */
  readonly memoryReserveMiB: number | null;
  readonly cpuReserveCores: number | null;
  /** Units of one template are spread evenly over the values of this metadata key. */
  readonly spread: string | null;
  readonly singleton: boolean;
  /** When the unit is moved: `never`, when its machine is `lost`, or also when it has `failed` for good where it is. */
  readonly reschedule: Reschedule;
  /** A job: it ends, and is not run again when it has succeeded. */
  readonly runOnce: boolean;
  /** The name of the certificate that the unit's machine hands to it. */
  readonly identity: UnitIdentity | null;
  /** Exempt from the brake. @see architecture.md §4 rule 4 */
  readonly system: boolean;
};

export type Reschedule = "never" | "lost" | "failed";

/** `%H` and `%m` in a value stand for the machine that is judged; see `expandForMachine`. */
export type MetadataRule = { readonly key: string; readonly values: readonly string[] };

/**
 * Reads `[X-Fleet]` by fleet 1.0's rules and legacy spellings, and Quarterdeck's own keys. In a template a name or machine id that depends on
 * the instance is left out, because it can only be checked for an instance.
 */
export function parseFleetOptions(document: UnitDocument, name: UnitName): Result<FleetOptions> {
  const unknown = findUnknownKey(document);
  if (unknown !== null) return refuse(unknown);
  const read = createReader(document, name);

  const machineIds = read("MachineID", (word) => parseMachineId(word));
  if (!machineIds.ok) return machineIds;
  const machineOf = read("MachineOf", parseUnitName);
  if (!machineOf.ok) return machineOf;
  const pairs = read("MachineMetadata", parsePair);
  if (!pairs.ok) return pairs;
  const conflicts = read("Conflicts", checkPattern);
  if (!conflicts.ok) return conflicts;
  const globals = read("Global", parseTruth);
  if (!globals.ok) return globals;
  const replaces = read("Replaces", parseUnitName);
  if (!replaces.ok) return replaces;

  const own = readOwnKeys(read);
  if (!own.ok) return own;

  const options: FleetOptions = {
    // fleet took the first machine id and the last word on Global; so do we.
    machineId: machineIds.value[0] ?? null,
    machineOf: [...new Set(machineOf.value)],
    machineMetadata: groupPairs(pairs.value),
    conflicts: [...new Set(conflicts.value)],
    global: globals.value.at(-1) ?? false,
    replaces: [...new Set(replaces.value)],
    ...own.value,
  };
  const broken = checkFleetRules(options, name);
  return broken === null ? succeed(options) : refuse(broken);
}

function findUnknownKey(document: UnitDocument): Problem | null {
  for (const assignment of assignmentsIn(document, FLEET_SECTION)) {
    if (modernKey(assignment.key) !== null) continue;
    const close = nearest(assignment.key, FLEET_KEYS);
    return unitFault(
      `unknown key ${assignment.key} in [X-Fleet]`,
      close === null ? `known keys: ${FLEET_KEYS.join(", ")}` : `${close}=${assignment.value}`,
      assignment,
    );
  }
  return null;
}

/** fleet skipped a malformed pair without a word, and the unit then ran anywhere; here it is an error. */
function parsePair(word: string): Result<readonly [string, string]> {
  const match = /^([A-Za-z0-9_.-]{1,64})=((?:[A-Za-z0-9_.:/-]|%[Hm]){1,128})$/.exec(word);
  if (match === null)
    return refuse(unitFault(`${JSON.stringify(word)} is not key=value`, "MachineMetadata=role=worker"));
  return succeed([match[1] ?? "", match[2] ?? ""] as const);
}

function checkPattern(pattern: string): Result<string> {
  const parsed = parseGlob(pattern);
  return parsed.ok ? succeed(pattern) : parsed;
}

function groupPairs(pairs: readonly (readonly [string, string])[]): readonly MetadataRule[] {
  const rules = new Map<string, Set<string>>();
  for (const [key, value] of pairs) rules.set(key, (rules.get(key) ?? new Set()).add(value));
  return [...rules].map(([key, values]) => ({ key, values: [...values] }));
}
