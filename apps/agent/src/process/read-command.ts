import { succeed, type Result, type UnitName } from "@quarterdeck/model";
import { parseWords } from "@quarterdeck/units";
import { expandWord, type MachineNames } from "./expand-word.ts";
import { refuseUnit } from "./refuse-unit.ts";

/** A command line; `words` has the program first, variables still in it. */
export type Command = {
  readonly words: readonly string[];
  /** `-`: its failure is none of the unit's. */
  readonly ignoreFailure: boolean;
  /** False by `:`, which keeps `$` as it is. */
  readonly expandVariables: boolean;
};

/** Reads the value of an Exec key, with the prefixes `-` and `:`. @see systemd.service(5) "COMMAND LINES" */
export function readCommand(unit: UnitName, line: string, machine: MachineNames): Result<Command> {
  const prefix = /^[-:@+!|]*/.exec(line)?.[0] ?? "";
  const foreign = /[@+!|]/.exec(prefix)?.[0];
  if (foreign !== undefined)
    return refuseUnit(
      unit,
      `the prefix ${foreign} of ${JSON.stringify(line)} needs systemd`,
      "use the prefix - or none",
    );
  const words = parseWords(line.slice(prefix.length));
  if (!words.ok) return words;
  if (words.value.includes(";"))
    return refuseUnit(unit, `${JSON.stringify(line)} is more than one command`, "give each command a line of its own");
  const expanded: string[] = [];
  for (const word of words.value) {
    const one = expandWord(word, unit, machine);
    if (!one.ok) return one;
    expanded.push(one.value);
  }
  const [program] = expanded;
  if (program === undefined || !/^(\/|[^/]+$)/.test(program))
    return refuseUnit(unit, `${JSON.stringify(line)} names no program`, "begin with a program's absolute path");
  return succeed({
    words: expanded,
    ignoreFailure: prefix.includes("-"),
    expandVariables: !prefix.includes(":"),
  });
}
