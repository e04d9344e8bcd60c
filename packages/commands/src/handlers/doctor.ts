import type { Approach } from "../approach.ts";
import type { CommandUpdate } from "../command-update.ts";
import type { Check } from "../doctor/check.ts";
import { deriveChecks, exitCodeOf } from "../doctor/derive-checks.ts";
import type { Findings } from "../doctor/findings.ts";
import { gatherFindings } from "../doctor/gather-findings.ts";
import type { ApproachHandler, NoFlags } from "../grammar/define-command.ts";
import { withTicks } from "../requests/with-ticks.ts";
import { count } from "../show/table.ts";
import { hintOfSlack } from "../show/words-of-slack.ts";
import type { Tone, ViewBlock } from "../view.ts";

/** Before that nobody has begun to wonder. */
const QUIET_MS = 2_000;

export const doctor: ApproachHandler<NoFlags, readonly []> = async function* ({ surface }, approach, signal) {
  let step = "reading the context";
  const gather = async function* (until: AbortSignal): AsyncIterable<Findings> {
    yield await gatherFindings(approach, (next) => void (step = next), until);
  };
  for await (const found of withTicks(gather, { everyMs: QUIET_MS, clock: approach.clock }, signal)) {
    if (found === "tick") {
      yield progress(approach, step);
      continue;
    }
    const checks = deriveChecks(found);
    const blocks = surface === "slack" ? blocksOfSlack(checks) : [tableOf(checks), summary(checks)];
    yield {
      kind: "done",
      final: true,
      view: { json: checks, blocks, exitCode: exitCodeOf(checks, found), isAnswer: true },
    };
    return;
  }
  signal.throwIfAborted();
};

function progress({ name }: Approach, step: string): CommandUpdate {
  const heading = { kind: "heading", text: name === null ? "doctor" : `doctor of ${name}` } as const;
  const blocks: readonly ViewBlock[] = [heading, { kind: "note", tone: "neutral", text: step }];
  return { kind: "progress", final: false, view: { json: null, blocks, exitCode: 0 } };
}

const WORD: Readonly<Record<Check["state"], string>> = { ok: "ok", warn: "warn", failed: "FAIL", skipped: "-" };

/** One line a check. */
function tableOf(checks: readonly Check[]): ViewBlock {
  return {
    kind: "table",
    columns: [
      { key: "state", label: "STATE" },
      { key: "check", label: "CHECK" },
      { key: "what", label: "WHAT" },
    ],
    rows: checks.map((check) => ({ state: WORD[check.state], check: check.check, what: sentence(check, check.try) })),
    caption: count(checks.length, "check"),
    legend: false,
  };
}

function sentence({ state, message, why }: Check, remedy: string | null): string {
  const said = state === "skipped" ? `skipped: ${message}` : message;
  return `${said}${why === null ? "" : ` (${why})`}${remedy === null ? "" : `; try: ${remedy}`}`;
}

function summary(checks: readonly Check[]): ViewBlock {
  const number = (state: Check["state"]): number => checks.filter((check) => check.state === state).length;
  const parts = (["failed", "warn", "skipped"] as const)
    .filter((state) => number(state) > 0)
    .map((state) => `${number(state)} ${state === "warn" ? "to look at" : state}`);
  const tone: Tone = number("failed") > 0 ? "bad" : number("warn") > 0 ? "warning" : "good";
  return { kind: "note", tone, text: [`${number("ok")} of ${checks.length} checks are ok`, ...parts].join(", ") };
}

/** A message holds little: what is wrong, each for itself, and how many are well. */
function blocksOfSlack(checks: readonly Check[]): readonly ViewBlock[] {
  const wrong = checks.filter(({ state }) => state === "failed" || state === "warn");
  const notes = wrong.map((check): ViewBlock => ({
    kind: "note",
    tone: check.state === "failed" ? "bad" : "warning",
    text: `${check.check}: ${sentence(check, check.try === null ? null : hintOfSlack(check.try))}`,
  }));
  return [summary(checks), ...notes];
}
