import { LIMITS } from "./limits.ts";
import {
  array,
  anything,
  byType,
  isObject,
  type Json,
  number,
  object,
  type Report,
  type Rule,
  string,
} from "./rules.ts";

const style = { "style?": anything };

const inline: Rule = byType({
  text: object({ type: anything, text: string(LIMITS.richText), ...style }),
  link: object({
    type: anything,
    url: string(LIMITS.url),
    "text?": string(LIMITS.richText),
    ...style,
    "unsafe?": anything,
  }),
  emoji: object({ type: anything, name: string(LIMITS.identifier), "unicode?": anything, ...style }),
  user: object({ type: anything, user_id: string(LIMITS.identifier), ...style }),
  channel: object({ type: anything, channel_id: string(LIMITS.identifier), ...style }),
  usergroup: object({ type: anything, usergroup_id: string(LIMITS.identifier), ...style }),
  date: object({
    type: anything,
    timestamp: number(),
    format: string(LIMITS.identifier),
    "url?": anything,
    "fallback?": anything,
    ...style,
  }),
  broadcast: object({ type: anything, range: string(LIMITS.identifier), ...style }),
  color: object({ type: anything, value: string(LIMITS.identifier), ...style }),
});

const inlines: Rule = array(inline, Infinity, 0);
const section: Rule = object({ type: anything, elements: inlines });
const box: Rule = object({ type: anything, elements: inlines, "border?": number(0, 1), "language?": anything });

const block: Rule = byType({
  rich_text_section: section,
  rich_text_preformatted: box,
  rich_text_quote: box,
  rich_text_list: object({
    type: anything,
    style: string(LIMITS.identifier),
    elements: array(section, Infinity, 0),
    "indent?": number(0, 8),
    "offset?": number(0),
    "border?": number(0, 1),
  }),
});

/** The elements of a rich_text block: right in shape, and together no longer than a section may be. */
export const richTextElements: Rule = (value, pointer, report) => {
  array(block, Infinity)(value, pointer, report);
  const length = textLength(value);
  if (length > LIMITS.richText) report(pointer, `must be less than ${LIMITS.richText + 1} characters`);
};

/** A rich_text block where one is nested in another block. */
export const richText: Rule = (value: unknown, pointer: string, report: Report) =>
  byType({
    rich_text: object({ type: anything, "block_id?": string(LIMITS.identifier), elements: richTextElements }),
  })(value, pointer, report);

function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item: unknown) => sum + textLength(item), 0);
  if (!isObject(value)) return 0;
  return ownLength(value) + textLength(value["elements"]);
}

function ownLength(item: Json): number {
  return typeof item["text"] === "string" ? item["text"].length : 0;
}
