import {
  actions,
  button,
  context,
  fallbackText,
  fields,
  header,
  joinMrkdwn,
  mrkdwn,
  preformattedLines,
  section,
  table,
  truncate,
  validate,
  type Field,
} from "@quarterdeck/blocks";
import type { Step, Tone, View, ViewBlock } from "@quarterdeck/commands";
import { assertNever, type Problem } from "@quarterdeck/model";
import type { KnownBlock } from "@slack/types";

/** A button under an answer: pressing it is typing `/fleet <words>`, with the presser's own authority. */
export type Suggestion = { readonly label: string; readonly words: string };

/**
 * A view as Block Kit: at most 45 blocks and one table; a further table becomes preformatted text. States are said in words; a sign beside
 * them is extra.
 */
export function renderView(
  view: View,
  suggestions: readonly Suggestion[] = [],
): { readonly text: string; readonly blocks: readonly KnownBlock[] } {
  const blocks: KnownBlock[] = [];
  let tables = 0;
  for (const block of view.blocks) {
    const asTable = block.kind === "table" && tables === 0;
    if (asTable) tables += 1;
    blocks.push(...renderBlock(block, asTable));
  }
  const shown = fitting(blocks);
  if (shown.length === 0) shown.push(section("Done."));
  if (suggestions.length > 0) shown.push(renderSuggestions(suggestions));
  return { text: fallbackText(shown), blocks: shown };
}

/** Of Slack's 50, with room for buttons and a context line. */
const MOST_BLOCKS = 45;

/** The first blocks that one message can hold; what is left out is counted, so that nobody takes a part for the whole. */
function fitting(blocks: readonly KnownBlock[]): KnownBlock[] {
  let shown = blocks.slice(0, MOST_BLOCKS);
  const tooLong = () =>
    validate("message", { text: "", blocks: shown }).some(({ code }) => code === "msg_blocks_too_long");
  while (shown.length > 1 && tooLong()) shown = shown.slice(0, -1);
  const left = blocks.length - shown.length;
  return left === 0
    ? shown
    : [...shown.slice(0, -1), context(`… ${left + 1} more parts; the terminal shows all of it`)];
}

function renderBlock(block: ViewBlock, asTable: boolean): readonly KnownBlock[] {
  switch (block.kind) {
    case "heading":
      return [header(block.text)];
    case "fields":
      return chunks(block.items, 10).map((items) =>
        fields(items.map(({ label, value }): Field => ({ label, value: value === "" ? "-" : value }))),
      );
    case "table":
      return renderTable(block, asTable);
    case "code":
      return preformattedLines(block.text.replace(/\n$/, "").split("\n"));
    case "note":
      return [block.tone === "neutral" ? context(block.text) : section(mrkdwn`${SIGN[block.tone]} ${block.text}`)];
    case "steps":
      return chunks(block.items, 8).map((items) => section(joinMrkdwn(items.map(renderStep), "\n")));
    case "problem":
      return renderProblem(block.problem);
    default:
      return assertNever(block);
  }
}

function renderTable(block: Extract<ViewBlock, { kind: "table" }>, asTable: boolean): readonly KnownBlock[] {
  if (block.rows.length === 0) return [section(block.caption === "" ? "Nothing to list." : block.caption)];
  const keys = block.columns.map(({ key }) => key);
  const cells = block.rows.map((row) => keys.map((key) => row[key] ?? ""));
  const labels = block.columns.map(({ label }) => label);
  const caption = block.caption === "" ? [] : [context(block.caption)];
  if (asTable) return [table({ columns: labels, rows: cells }), ...caption];
  const widths = labels.map((label, column) => Math.max(label.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [...preformattedLines([line(labels), ...cells.map(line)], 2), ...caption];
}

function renderStep(step: Step) {
  const detail = step.detail === "" ? "" : `: ${truncate(step.detail, 200)}`;
  return mrkdwn`${STEP_SIGN[step.state]} ${step.label} ${STEP_WORD[step.state]}${detail}`;
}

function renderProblem(problem: Problem): readonly KnownBlock[] {
  const lines = [mrkdwn`❌ *${problem.code}* ${truncate(problem.message, 1500)}`];
  if (problem.why !== undefined) lines.push(mrkdwn`*why:* ${truncate(problem.why, 900)}`);
  if (problem.whoCanFix !== undefined) lines.push(mrkdwn`*who can fix it:* ${truncate(problem.whoCanFix, 200)}`);
  if (problem.try !== undefined) lines.push(mrkdwn`*try:* ${truncate(problem.try, 300)}`);
  return lines.map((line) => section(line));
}

function renderSuggestions(suggestions: readonly Suggestion[]): KnownBlock {
  return actions(
    ...suggestions
      .slice(0, 5)
      .map(({ label, words }, index) =>
        button({ actionId: `run_words_${index}`, text: label, value: words, label: `${label}: /fleet ${words}` }),
      ),
  );
}

const SIGN: Readonly<Record<Exclude<Tone, "neutral">, string>> = { good: "✅", warning: "⚠️", bad: "❌" };
const STEP_SIGN: Readonly<Record<Step["state"], string>> = {
  pending: "⏳",
  active: "▶️",
  done: "✅",
  failed: "❌",
  untouched: "▫️",
};
const STEP_WORD: Readonly<Record<Step["state"], string>> = {
  pending: "waits",
  active: "under way",
  done: "done",
  failed: "failed",
  untouched: "untouched",
};

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
