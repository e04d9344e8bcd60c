import type { Step, ViewBlock } from "@quarterdeck/commands";
import { escapeLine, escapeText } from "./escape-text.ts";
import { renderProblem } from "./render-problem.ts";
import { renderTable, widthOf } from "./render-table.ts";

/** `escapes`: whether code is made harmless; text that goes into a file or a pipe stays as it was submitted. */
export type RenderOptions = { readonly escapes: boolean };

/** A view as text, each line ended; a blank line before every heading but the first, and between a list and the remark after it. */
export function renderBlocks(blocks: readonly ViewBlock[], options: RenderOptions): string {
  return blocks
    .map((block, at) => {
      const before = blocks[at - 1];
      const apart =
        before !== undefined && (block.kind === "heading" || (block.kind === "note" && before.kind === "fields"));
      return (apart ? "\n" : "") + renderBlock(block, options);
    })
    .join("");
}

function renderBlock(block: ViewBlock, options: RenderOptions): string {
  switch (block.kind) {
    case "heading":
      return `${escapeLine(block.text)}\n`;
    case "fields":
      return lines(renderFields(block.items));
    case "table":
      return lines(renderTable(block));
    case "code":
      return ended(options.escapes ? escapeText(block.text) : block.text);
    case "note":
      return `${escapeLine(block.text)}\n`;
    case "steps":
      return lines(block.items.map(renderStep));
    case "problem":
      return lines(renderProblem(block.problem));
  }
}

function renderFields(items: readonly { readonly label: string; readonly value: string }[]): readonly string[] {
  const width = Math.max(0, ...items.map((item) => widthOf(item.label)));
  return items.map((item) =>
    `  ${item.label}${" ".repeat(width - widthOf(item.label))}  ${escapeLine(item.value)}`.trimEnd(),
  );
}

const MARKS: Readonly<Record<Step["state"], string>> = {
  pending: ".",
  active: ">",
  done: "+",
  failed: "x",
  untouched: "-",
};

function renderStep(step: Step): string {
  return `  ${MARKS[step.state]} ${escapeLine(step.label)}${step.detail === "" ? "" : `  ${escapeLine(step.detail)}`}`;
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
