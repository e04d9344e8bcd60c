import type { RichTextBlock } from "@slack/types";
import { LIMITS } from "./limits.ts";
import { orNothing } from "./text-object.ts";
import { truncate } from "./truncate.ts";

/**
 * Text in a fixed-width box, literally: no markup, link or mention is read from it. The only table-like thing
 * that every surface shows. Cut to 3000 characters.
 */
export function preformatted(text: string): RichTextBlock {
  const literal = truncate(orNothing(text), LIMITS.richText);
  return {
    type: "rich_text",
    elements: [{ type: "rich_text_preformatted", elements: [{ type: "text", text: literal }] }],
  };
}

/**
 * Lines in as many boxes as they need, cut between lines; a last line says how many are left out, a line longer than a
 * box is cut. Four boxes, the default, leave room for a header and a context in what one message may hold.
 */
export function preformattedLines(lines: readonly string[], maxBlocks = 4): readonly RichTextBlock[] {
  const boxes: string[][] = [[]];
  let room = BOX;
  for (const [index, raw] of lines.entries()) {
    const line = truncate(raw, BOX - 1);
    if (line.length + 1 > room && boxes.length === maxBlocks) {
      boxes.at(-1)?.push(`… ${lines.length - index} more lines`);
      break;
    }
    if (line.length + 1 > room) {
      boxes.push([]);
      room = BOX;
    }
    boxes.at(-1)?.push(line);
    room -= line.length + 1;
  }
  return boxes.map((box) => preformatted(box.join("\n")));
}

/** What of a box is for lines; the rest is kept for the line that says what is missing. */
const BOX = LIMITS.richText - 32;
