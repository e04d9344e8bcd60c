import { parseWords } from "../parse-words.ts";
import { assignmentsIn, assignmentsOf, type Assignment, type UnitDocument } from "../unit-document.ts";
import { execPrefixOf } from "./exec-prefix-of.ts";
import { findCommandFault, unclosedQuote, type CommandFault } from "./find-command-fault.ts";
import { splitCommands } from "./split-commands.ts";

/** One command of an `Exec…=` assignment. */
export type CommandLine = {
  readonly assignment: Assignment;
  /** systemd's, e.g. `-` or `+`. @default "" */
  readonly prefix: string;
  /** Without the prefix; of what cannot be split it is all of it. */
  readonly words: readonly [string, ...string[]];
  readonly fault: CommandFault | null;
};

/** The keys of `[Service]` that hold commands. */
export const EXEC_KEYS = [
  "ExecCondition",
  "ExecStartPre",
  "ExecStart",
  "ExecStartPost",
  "ExecReload",
  "ExecStop",
  "ExecStopPost",
];

/** The commands of a key of `[Service]` that systemd runs, in order; a ` ; ` between two words separates commands. */
export function commandsOf(document: UnitDocument, key: string): readonly CommandLine[] {
  return assignmentsOf(document, "Service", key)
    .flatMap(readCommands)
    .filter(({ fault }) => fault === null || fault.then === "runs");
}

/** All commands of a key as they are written, also those that a later line takes back: systemd reads, and refuses, each line by itself. */
export function commandsIn(document: UnitDocument, key: string): readonly CommandLine[] {
  return assignmentsIn(document, "Service")
    .filter((assignment) => assignment.key === key)
    .flatMap(readCommands);
}

/** The last part of the program's path: `docker` for `/usr/bin/docker`. */
export function programOf({ words }: Pick<CommandLine, "words">): string {
  return words[0].slice(words[0].lastIndexOf("/") + 1);
}

function readCommands(assignment: Assignment): readonly CommandLine[] {
  return splitCommands(assignment.value).flatMap((text) => {
    const parsed = parseWords(text);
    // An escape that systemd does not know stays in the command as it was written.
    const words = parsed.ok ? parsed : parseWords(text, "keep");
    if (!words.ok) return [{ assignment, prefix: "", words: [text], fault: unclosedQuote(text, words.error) }];
    const [first, ...rest] = words.value;
    if (first === undefined) return [];
    const prefix = execPrefixOf(first);
    const command = { assignment, prefix, words: [first.slice(prefix.length), ...rest] as const };
    return [{ ...command, fault: findCommandFault(command, parsed.ok ? null : parsed.error) }];
  });
}
