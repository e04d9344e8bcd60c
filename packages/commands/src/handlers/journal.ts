import { CodedError, type JournalFormat } from "@quarterdeck/model";
import type { JournalQuery } from "../agent-reader.ts";
import { agentAddress } from "../agent/tail-journal.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler } from "../grammar/define-command.ts";
import type { Since } from "../grammar/parse-since.ts";
import { chooseCopy, type ChosenCopy } from "../names/choose-copy.ts";
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
  const copy = chooseCopy(facts, orThrow(resolveUnits(facts, args, { verb: "journal" })).units, {
    machine: flags.machine,
    verb: "journal",
  });
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

function silence(copy: ChosenCopy, { sinceSeconds, grep }: JournalQuery): string {
  const what = grep === undefined ? "nothing" : `nothing that matches ${JSON.stringify(grep)}`;
  const since = sinceSeconds === undefined ? "" : ` since ${new Date(sinceSeconds * 1000).toISOString()}`;
  return `${copy.unit} has said ${what}${since} on ${whereIs(copy)}`;
}

/** Never before 1970, which is before every journal. */
function secondsOf(since: Since, nowMs: number): number {
  return Math.max(0, Math.floor((since.kind === "at" ? since.epochMs : nowMs - since.seconds * 1000) / 1000));
}
