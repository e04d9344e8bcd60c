import type { FlagParametersForType } from "@stricli/core";
import type { ParseContext } from "./parse-context.ts";
import { parseCount } from "./parse-count.ts";
import { parseDuration } from "./parse-duration.ts";

/** The flags that every verb accepts, before or after it (docs/reference/cli.md "Global flags"). */
export type GlobalFlags = {
  readonly output: "table" | "json";
  readonly fields?: readonly string[];
  readonly full: boolean;
  readonly noLegend: boolean;
  readonly context?: string;
  readonly yes: boolean;
  readonly noBlock: boolean;
  /** fleetctl's: how often it would have asked, once in 2 s; 0 is for ever. `--timeout` says the same in time. */
  readonly blockAttempts?: number;
  /** Seconds. */
  readonly timeout?: number;
  readonly reason?: string;
};

/** Hidden: help lists them once, under `help flags`, and a verb's own help names those that matter to it. */
export const GLOBAL_FLAGS: FlagParametersForType<GlobalFlags, ParseContext> = {
  output: {
    kind: "parsed",
    parse: parseOutput,
    default: "table",
    brief: "table, or json: one document on stdout",
    placeholder: "table|json",
    hidden: true,
  },
  fields: {
    kind: "parsed",
    parse: String,
    variadic: ",",
    optional: true,
    brief: "Columns to print, by name, in this order",
    placeholder: "a,b",
    hidden: true,
  },
  full: { kind: "boolean", default: false, withNegated: false, brief: "Do not shorten ids and hashes", hidden: true },
  noLegend: { kind: "boolean", default: false, withNegated: false, brief: "No header line", hidden: true },
  context: {
    kind: "parsed",
    parse: String,
    optional: true,
    brief: "Which cluster: the name of a context",
    placeholder: "NAME",
    hidden: true,
  },
  yes: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Do not ask: yes to what would be asked",
    hidden: true,
  },
  noBlock: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Return once the request is written, do not wait until it is true",
    hidden: true,
  },
  blockAttempts: {
    kind: "parsed",
    parse: parseCount,
    optional: true,
    brief: "As in fleetctl: wait for N times 2 s; 0 waits for ever",
    placeholder: "N",
    hidden: true,
  },
  timeout: {
    kind: "parsed",
    parse: parseSeconds,
    optional: true,
    brief: "How long to wait until it is true, e.g. 90s, 10m (60s; deploys 10m without progress)",
    placeholder: "90s",
    hidden: true,
  },
  reason: {
    kind: "parsed",
    parse: String,
    optional: true,
    brief: "Why, for the audit log",
    placeholder: "TEXT",
    hidden: true,
  },
};

/** `-o` as everywhere; `-l` as fleetctl's `--full`. */
export const GLOBAL_ALIASES = { o: "output", l: "full" } as const;

const WITH_VALUE: ReadonlySet<string> = new Set([
  "-o",
  "--output",
  "--fields",
  "--context",
  "--block-attempts",
  "--blockAttempts",
  "--timeout",
  "--reason",
]);

/** Moves flags that stand before the verb behind it, with their values: `-o json status` is `status -o json`. */
export function hoistVerb(words: readonly string[]): readonly string[] {
  let at = 0;
  while (at < words.length && /^-./.test(words[at] ?? "") && words[at] !== "--")
    at += WITH_VALUE.has(words[at] ?? "") ? 2 : 1;
  return at === 0 || at >= words.length ? words : [...words.slice(at), ...words.slice(0, at)];
}

/** What `--output` says in words that may not parse otherwise, so that their error comes out in that form. */
export function outputOf(words: readonly string[]): "table" | "json" {
  const end = words.indexOf("--");
  const before = end < 0 ? words : words.slice(0, end);
  const json = before.some(
    (word, at) =>
      word === "--output=json" ||
      word === "-o=json" ||
      word === "-ojson" ||
      (word === "json" && /^(-o|--output)$/.test(before[at - 1] ?? "")),
  );
  return json ? "json" : "table";
}

function parseOutput(text: string): "table" | "json" {
  if (text === "table" || text === "json") return text;
  throw new SyntaxError(`${JSON.stringify(text)} is neither table nor json`);
}

function parseSeconds(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) throw new SyntaxError(`${JSON.stringify(text)} is not a duration; write 90s, 10m or 1h30m`);
  return seconds;
}
