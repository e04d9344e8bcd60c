import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "./escape-mrkdwn.ts";
import { LIMITS } from "./limits.ts";
import { isObject } from "./rules.ts";
import { truncateMrkdwn } from "./truncate.ts";

/** Members that hold what a person reads, in reading order. */
const READABLE = [
  "title",
  "subtitle",
  "caption",
  "text",
  "fields",
  "body",
  "label",
  "rows",
  "tasks",
  "output",
  "elements",
  "child_blocks",
];

/**
 * The `text` of a message made of these blocks: what a notification shows and a screen reader says, so it holds all that
 * the blocks say, a line a part, escaped for mrkdwn and cut to the 4000 characters that chat.update takes. Buttons are left out.
 */
export function fallbackText(blocks: readonly KnownBlock[]): string {
  const lines = blocks.flatMap((block) => read(block)).filter((line) => line.trim() !== "");
  return truncateMrkdwn(lines.length === 0 ? "-" : lines.join("\n"), LIMITS.updateText);
}

function read(value: unknown): readonly string[] {
  if (typeof value === "string") return [escapeMrkdwn(value)];
  if (Array.isArray(value)) return value.every(isCell) ? [value.flatMap(read).join("  ")] : value.flatMap(read);
  if (!isObject(value) || value["type"] === "button" || value["type"] === "image") return [];
  if (value["type"] === "mrkdwn") return [String(value["text"])];
  const lines = READABLE.flatMap((name) => read(value[name]));
  return typeof value["type"] === "string" && INLINE.has(value["type"]) ? [lines.join("")] : lines;
}

const INLINE = new Set(["rich_text_section", "rich_text_preformatted", "rich_text_quote"]);

function isCell(value: unknown): boolean {
  return isObject(value) && (value["type"] === "raw_text" || value["type"] === "raw_number");
}
