import type { Problem } from "@quarterdeck/model";
import type { Assignment } from "../unit-document.ts";
import { execPrefixOf } from "./exec-prefix-of.ts";

/** What is wrong with one command, and what systemd does then: it runs it all the same, skips it, or refuses the unit. */
export type CommandFault = {
  readonly rule: string;
  readonly then: "runs" | "ignored" | "refused";
  readonly message: string;
  readonly try: string;
};

type Command = {
  readonly assignment: Assignment;
  readonly prefix: string;
  readonly words: readonly [string, ...string[]];
};

/** Letters and digits that no specifier up to systemd 258 has; `date +%F` is the usual victim. @see systemd.unit(5) "SPECIFIERS" */
const NO_SPECIFIER = /%(?:%|([0-9ekxzFKOQXZ]))/g;

/** @param escape - why an escape in the line could not be decoded */
export function findCommandFault(command: Command, escape: Problem | null): CommandFault | null {
  const { assignment, prefix, words } = command;
  const [program, ...rest] = words;
  const then = prefix.includes("-") ? "ignored" : "refused";
  const instead = (path: string): string => `${assignment.key}=${prefix}${path}${rest.length === 0 ? "" : " …"}`;
  if (program === "" || (prefix.includes("@") && rest.length === 0))
    return { rule: "no-program", then, message: "the command names no program", try: instead("/usr/bin/true") };
  const unknown = words.flatMap((word) => [...word.matchAll(NO_SPECIFIER)]).find(([, letter]) => letter !== undefined);
  if (unknown !== undefined) {
    const message = `systemd knows no specifier ${unknown[0]}`;
    return {
      rule: "unknown-specifier",
      then,
      message,
      try: `%${unknown[0]}, which is a percent sign and ${unknown[1] ?? ""}`,
    };
  }
  if (program.includes("/") && !/^[/$%]/.test(program)) {
    const message = `${JSON.stringify(program)} is a relative path, and systemd has no working directory to start from`;
    return {
      rule: "relative-path",
      then,
      message,
      try: instead(`/usr/bin/${program.slice(program.lastIndexOf("/") + 1)}`),
    };
  }
  if (program.endsWith("/"))
    return {
      rule: "program-is-directory",
      then,
      message: `${program} is a directory`,
      try: instead(program.replace(/\/+$/, "")),
    };
  return escape === null
    ? null
    : { rule: "unknown-escape", then: "runs", message: escape.message, try: escape.try ?? "" };
}

/** systemd skips a command whose program's path has no end, and for an argument without one it refuses the unit. */
export function unclosedQuote(text: string, problem: Problem): CommandFault {
  const program = /^\s*((?:[^\s"']|"[^"]*"|'[^']*')+)\s/.exec(text)?.[1];
  const then = program === undefined || execPrefixOf(program).includes("-") ? "ignored" : "refused";
  return { rule: "unclosed-quote", then, message: problem.message, try: problem.try ?? "" };
}
