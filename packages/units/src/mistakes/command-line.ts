import { parseWords } from "../parse-words.ts";
import { assignmentsOf, type Assignment, type UnitDocument } from "../unit-document.ts";

/** One command of an `Exec…=` assignment; a command that cannot be split is left out. */
export type CommandLine = {
  readonly assignment: Assignment;
  /** systemd's, e.g. `-` or `+!`. @default "" */
  readonly prefix: string;
  /** Without the prefix. */
  readonly words: readonly [string, ...string[]];
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

/** The commands of a key of `[Service]` that count, in order; a ` ; ` between two words separates commands. @see systemd.service(5) "COMMAND LINES" */
export function commandsOf(document: UnitDocument, key: string): readonly CommandLine[] {
  return assignmentsOf(document, "Service", key).flatMap((assignment) => {
    const parsed = parseWords(assignment.value);
    if (!parsed.ok) return [];
    return splitAt(parsed.value, ";").flatMap(([first, ...rest]) => {
      if (first === undefined) return [];
      const program = first.replace(/^[@\-:+!|]+/, "");
      const prefix = first.slice(0, first.length - program.length);
      return [{ assignment, prefix, words: [program, ...rest] as const }];
    });
  });
}

/** The last part of the program's path: `docker` for `/usr/bin/docker`. */
export function programOf({ words }: CommandLine): string {
  return words[0].slice(words[0].lastIndexOf("/") + 1);
}

function splitAt(words: readonly string[], separator: string): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === separator) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}
