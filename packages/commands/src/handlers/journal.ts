import { CodedError, type JournalFormat, type UnitName } from "@quarterdeck/model";
import type { JournalQuery } from "../agent-reader.ts";
import { agentAddress } from "../agent/tail-journal.ts";
import { copiesOf, type Copy } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler } from "../grammar/define-command.ts";
import type { Since } from "../grammar/parse-since.ts";
import { resolveMachine } from "../names/resolve-machine.ts";
import { resolveUnits } from "../names/resolve-units.ts";
import { orThrow } from "../or-throw.ts";
import { whereIs } from "../requests/judge-start.ts";
import { done } from "../show/final.ts";

export type JournalFlags = {
  readonly lines?: number;
  readonly follow: boolean;
  readonly since?: Since;
  readonly grep?: string;
  readonly format?: JournalFormat;
  readonly machine?: string;
};

const MOST_LINES = 10_000;
/** As fleetctl's. */
const FEW_LINES = 10;

export const journal: Handler<JournalFlags, readonly [string]> = async function* ({ flags, args }, context, signal) {
  // Whoever names a time wants to see all from there on.
  const count = flags.lines ?? (flags.since === undefined ? FEW_LINES : MOST_LINES);
  if (count > MOST_LINES)
    throw new CodedError("USAGE", {
      message: `--lines ${count} is more than ${MOST_LINES}`,
      try: `--lines ${MOST_LINES}`,
    });
  if (flags.follow && context.surface === "slack") {
    throw new CodedError("USAGE", {
      message: "--follow works in a terminal only",
      try: `/fleet journal ${args[0]} --lines 50`,
    });
  }
  const facts = await readFacts(context, signal);
  const copy = chooseCopy(facts, orThrow(resolveUnits(facts, args, { verb: "journal" })).units, flags.machine);
  const at = agentAddress(facts, copy.machine);
  const follow = flags.follow && flags.output === "table";
  const lines: string[] = [];
  const query: JournalQuery = {
    unit: copy.unit,
    lines: count,
    follow,
    sinceSeconds: flags.since === undefined ? undefined : secondsOf(flags.since, context.clock.now()),
    grep: flags.grep,
    format: flags.format,
  };
  for await (const line of context.agent.journal(at, query, signal)) {
    if (follow) yield { kind: "lines", final: false, lines: [line] };
    else lines.push(line);
  }
  const text = lines.length === 0 ? [] : [{ kind: "code", language: "text", text: lines.join("\n") } as const];
  const silent =
    lines.length === 0 && !follow ? [{ kind: "note", tone: "neutral", text: silence(copy, query) } as const] : [];
  yield done({ unit: copy.unit, machine: copy.machine, lines }, [...text, ...silent]);
};

function silence(copy: Chosen, { sinceSeconds, grep }: JournalQuery): string {
  const what = grep === undefined ? "nothing" : `nothing that matches ${JSON.stringify(grep)}`;
  const since = sinceSeconds === undefined ? "" : ` since ${new Date(sinceSeconds * 1000).toISOString()}`;
  return `${copy.unit} has said ${what}${since} on ${whereIs(copy)}`;
}

/** Never before 1970, which is before every journal. */
function secondsOf(since: Since, nowMs: number): number {
  return Math.max(0, Math.floor((since.kind === "at" ? since.epochMs : nowMs - since.seconds * 1000) / 1000));
}

type Chosen = Copy & { readonly unit: UnitName };

/** Where to read: the named machine, else the only one that has it up, else the only one that has it. */
function chooseCopy(facts: Facts, units: readonly UnitName[], machine: string | undefined): Chosen {
  const all = units.flatMap((unit) => copiesOf(facts, unit).map((copy): Chosen => ({ ...copy, unit })));
  const only = machine === undefined ? null : orThrow(resolveMachine(facts, machine)).machine;
  const there = only === null ? all : all.filter((copy) => copy.machine === only);
  const live = there.filter((copy) => copy.live);
  const [first, ...others] = live.length > 0 ? live : there;
  const name = units.join(", ");
  if (first === undefined)
    throw new CodedError("NOT_FOUND", {
      message: `${name} is on no machine${machine === undefined ? "" : ` called ${machine}`}`,
      try: `fleet why ${units[0] ?? ""}`,
    });
  if (others.length === 0) return first;
  throw new CodedError("USAGE", {
    message: `${name}: ${others.length + 1} copies; say which`,
    why: [first, ...others].map((copy) => `${copy.unit} on ${whereIs(copy)}`).join(", "),
    try: `fleet journal ${first.unit} --machine ${whereIs(first)}`,
  });
}
