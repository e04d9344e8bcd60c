import {
  isTemplate,
  nearest,
  parseMachineId,
  parseUnitName,
  refuse,
  succeed,
  type MachineId,
  type Problem,
  type Result,
  type UnitName,
} from "@quarterdeck/model";
import { checkFleetRules } from "./check-fleet-rules.ts";
import { expandSpecifiers } from "./expand-specifiers.ts";
import { FLEET_KEYS, FLEET_SECTION, modernKey, type FleetKey } from "./fleet-keys.ts";
import { parseGlob } from "./glob.ts";
import { parseWords } from "./parse-words.ts";
import { assignmentsIn, assignmentsOf, type Assignment, type UnitDocument } from "./unit-document.ts";
import { faultIn, unitFault } from "./unit-fault.ts";

/** `[X-Fleet]` as data, specifiers expanded. */
export type FleetOptions = {
  readonly machineId: MachineId | null;
  readonly machineOf: readonly UnitName[];
  /** One of the values must match for each key. */
  readonly machineMetadata: readonly MetadataRule[];
  /** Patterns of {@link parseGlob}. A unit never conflicts with itself. */
  readonly conflicts: readonly string[];
  readonly global: boolean;
  readonly replaces: readonly UnitName[];
};

export type MetadataRule = { readonly key: string; readonly values: readonly string[] };

/**
 * Reads `[X-Fleet]` by fleet 1.0's rules and legacy spellings. In a template a name or machine id that depends on the instance is
 * left out, because it can only be checked for an instance.
 */
export function parseFleetOptions(document: UnitDocument, name: UnitName): Result<FleetOptions> {
  const unknown = findUnknownKey(document);
  if (unknown !== null) return refuse(unknown);
  const read = reader(document, name);

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

  const options: FleetOptions = {
    // fleet took the first machine id and the last word on Global; so do we.
    machineId: machineIds.value[0] ?? null,
    machineOf: [...new Set(machineOf.value)],
    machineMetadata: groupPairs(pairs.value),
    conflicts: [...new Set(conflicts.value)],
    global: globals.value.at(-1) ?? false,
    replaces: [...new Set(replaces.value)],
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

type Read = <Value>(key: FleetKey, parse: (word: string) => Result<Value>) => Result<readonly Value[]>;

/** Reads all words of a key, specifiers expanded, each checked by `parse`; a fault is named with its line. */
function reader(document: UnitDocument, name: UnitName): Read {
  return (key, parse) => {
    const values = [];
    for (const assignment of assignmentsOfKey(document, key)) {
      const words = parseWords(assignment.value, "keep");
      if (!words.ok) return refuse(faultIn(assignment, words.error));
      for (const word of words.value) {
        const expanded = expandSpecifiers(word, name);
        if (!expanded.ok) return refuse(faultIn(assignment, expanded.error));
        const value = parse(expanded.value);
        if (value.ok) values.push(value.value);
        else if (!(isTemplate(name) && word.includes("%")))
          return refuse(faultIn(assignment, { ...value.error, message: `${key}=: ${value.error.message}` }));
      }
    }
    return succeed(values);
  };
}

/** Modern and legacy spellings of one key, in file order, resets honoured per spelling. */
function assignmentsOfKey(document: UnitDocument, key: FleetKey): readonly Assignment[] {
  const spellings = new Set(
    assignmentsIn(document, FLEET_SECTION)
      .map((assignment) => assignment.key)
      .filter((spelling) => modernKey(spelling) === key),
  );
  return [...spellings]
    .flatMap((spelling) => assignmentsOf(document, FLEET_SECTION, spelling))
    .toSorted((left, right) => left.line - right.line);
}

/** fleet skipped a malformed pair without a word, and the unit then ran anywhere; here it is an error. */
function parsePair(word: string): Result<readonly [string, string]> {
  const match = /^([A-Za-z0-9_.-]{1,64})=([A-Za-z0-9_.:/-]{1,128})$/.exec(word);
  if (match === null)
    return refuse(unitFault(`${JSON.stringify(word)} is not key=value`, "MachineMetadata=role=worker"));
  return succeed([match[1] ?? "", match[2] ?? ""] as const);
}

function checkPattern(pattern: string): Result<string> {
  const parsed = parseGlob(pattern);
  return parsed.ok ? succeed(pattern) : parsed;
}

function parseTruth(word: string): Result<boolean> {
  const lower = word.toLowerCase();
  if (["true", "yes", "1", "on", "t"].includes(lower)) return succeed(true);
  if (["false", "no", "0", "off", "f"].includes(lower)) return succeed(false);
  return refuse(unitFault(`${JSON.stringify(word)} is neither true nor false`, "Global=true"));
}

function groupPairs(pairs: readonly (readonly [string, string])[]): readonly MetadataRule[] {
  const rules = new Map<string, Set<string>>();
  for (const [key, value] of pairs) rules.set(key, (rules.get(key) ?? new Set()).add(value));
  return [...rules].map(([key, values]) => ({ key, values: [...values] }));
}
