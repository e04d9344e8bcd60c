import { isTemplate, refuse, succeed, type Result, type UnitName } from "@quarterdeck/model";
import { dependsOnMachine, expandSpecifiers } from "./expand-specifiers.ts";
import { FLEET_SECTION, modernKey, type FleetKey } from "./fleet-keys.ts";
import { parseWords } from "./parse-words.ts";
import { assignmentsIn, assignmentsOf, type Assignment, type UnitDocument } from "./unit-document.ts";
import { faultIn, unitFault } from "./unit-fault.ts";

/** All words of a key, specifiers expanded, each checked by `parse`; a fault is named with its place. */
export type Read = <Value>(key: FleetKey, parse: (word: string) => Result<Value>) => Result<readonly Value[]>;

export function createReader(document: UnitDocument, name: UnitName): Read {
  return (key, parse) => {
    const values = [];
    for (const assignment of assignmentsOfKey(document, key)) {
      const words = parseWords(assignment.value, "keep");
      if (!words.ok) return refuse(faultIn(assignment, words.error));
      for (const word of words.value) {
        // Every machine has its own id.
        if (key === "MachineID" && word === "%m") continue;
        const isPerMachine = PER_MACHINE.has(key);
        if (!isPerMachine && dependsOnMachine(word)) return refuse(faultIn(assignment, tooEarly(key, word)));
        const expanded = expandSpecifiers(word, name, isPerMachine ? "later" : "never");
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

/** What is asked of each machine by itself, so that `%H` and `%m` have a meaning there. */
const PER_MACHINE: ReadonlySet<FleetKey> = new Set(["MachineMetadata", "Conflicts"]);

function tooEarly(key: FleetKey, word: string) {
  return unitFault(
    `${key}=${word} would be another on each machine, and it is decided before a machine is chosen`,
    "%H and %m go in MachineMetadata= and Conflicts=, such as Conflicts=x@%H.service; write %% for a percent sign",
  );
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
