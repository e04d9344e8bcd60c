import { BLOCK_RULES } from "./block-rules.ts";
import { LIMITS } from "./limits.ts";
import { array, type Diagnostic, isObject, type Json, type Report, type SlackErrorCode } from "./rules.ts";
import { isAllowedOn, isBlockType, type Surface } from "./surfaces.ts";
import { viewRule } from "./view-rules.ts";

const TABLE_FAMILY = new Set(["table", "data_table"]);

/**
 * What Slack would refuse in a payload, in Slack's words, in the order of the payload; empty when it would be shown.
 * `payload` is what chat.postMessage or chat.update is given for `message` and `update`, a view for `modal` and `home`.
 */
export function validate(surface: Surface, payload: unknown): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const view = surface === "modal" || surface === "home";
  const shape: SlackErrorCode = view ? "invalid_arguments" : "invalid_blocks";
  const report = (code: SlackErrorCode) => (pointer: string, message: string) => found.push({ pointer, code, message });
  if (!isObject(payload)) {
    report("invalid_arguments")("", "must be an object");
    return found;
  }
  if (view) {
    viewRule(surface)(payload, "", report("invalid_arguments"));
    if (byteLength(payload) > LIMITS.viewBytes) report("view_too_large")("", "must be less than 250 KB");
  } else {
    checkText(surface, payload, report);
  }
  if (payload["blocks"] !== undefined) checkBlocks(surface, payload["blocks"], report(shape), report);
  return found;
}

type ReportAs = (code: SlackErrorCode) => Report;

function checkText(surface: Surface, payload: Json, report: ReportAs): void {
  const { text, blocks, attachments } = payload;
  const filled = (value: unknown) => Array.isArray(value) && value.length > 0;
  if ((text === undefined || text === "") && !filled(blocks) && !filled(attachments))
    report("no_text")("", "no message text provided");
  const most = surface === "update" ? LIMITS.updateText : LIMITS.messageText;
  if (typeof text === "string" && text.length > most)
    report("msg_too_long")("/text", `must be less than ${most + 1} characters`);
}

function checkBlocks(surface: Surface, blocks: unknown, refuse: Report, report: ReportAs): void {
  if (!Array.isArray(blocks)) return report("invalid_blocks_format")("/blocks", "must be an array");
  const most = surface === "modal" || surface === "home" ? LIMITS.blocksInView : LIMITS.blocksInMessage;
  array((block, pointer) => checkBlock(surface, block, pointer, refuse), most, 0)(blocks, "/blocks", refuse);
  checkTogether(blocks.filter(isObject), most === LIMITS.blocksInMessage, { refuse, report });
}

function checkBlock(surface: Surface, block: unknown, pointer: string, refuse: Report): void {
  if (!isObject(block)) return refuse(pointer, "must be an object");
  const type = block["type"];
  if (typeof type !== "string" || !isBlockType(type))
    return refuse(`${pointer}/type`, `unsupported type: ${JSON.stringify(type)}`);
  if (!isAllowedOn(type, surface)) return refuse(`${pointer}/type`, `unsupported type: ${type}`);
  BLOCK_RULES[type](block, pointer, refuse);
  const children = block["child_blocks"];
  if (type === "container" && Array.isArray(children))
    for (const [index, child] of children.entries())
      checkBlock(surface, child, `${pointer}/child_blocks/${index}`, refuse);
}

/** What only the whole message shows: doubled ids, a second table, the sum of the markdown. */
function checkTogether(
  blocks: readonly Json[],
  isMessage: boolean,
  { refuse, report }: { readonly refuse: Report; readonly report: ReportAs },
): void {
  const ids = new Set<unknown>();
  let tables = 0;
  let markdown = 0;
  let text = 0;
  for (const [index, block] of blocks.entries()) {
    const id = block["block_id"];
    if (id !== undefined && ids.has(id))
      refuse(`/blocks/${index}/block_id`, `\`block_id\` ${JSON.stringify(id)} already exists`);
    ids.add(id);
    text += textLength(block);
    if (TABLE_FAMILY.has(String(block["type"]))) tables += 1;
    if (block["type"] === "markdown" && typeof block["text"] === "string") markdown += block["text"].length;
    if (block["type"] === "data_table" && textLength(block["rows"]) > LIMITS.dataTableText)
      refuse(`/blocks/${index}/rows`, `must be less than ${LIMITS.dataTableText + 1} characters`);
  }
  if (tables > 1) report("only_one_table_allowed")("/blocks", "only one table is allowed in a message");
  if (isMessage && (markdown > LIMITS.markdownTotal || text > LIMITS.messageBlocksText))
    report("msg_blocks_too_long")("/blocks", `must be less than ${LIMITS.messageBlocksText + 1} characters`);
}

/** Characters a person reads in a value: every string called `text`, `title` or `caption`, however deep. */
function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item: unknown) => sum + textLength(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, member]) =>
      sum + (typeof member === "string" ? (SHOWN.has(name) ? member.length : 0) : textLength(member)),
    0,
  );
}

const SHOWN = new Set(["text", "title", "caption"]);

/** Bytes of the JSON in UTF-8, counted without a platform encoder: this package runs anywhere. */
function byteLength(value: Json): number {
  let bytes = 0;
  for (const point of JSON.stringify(value)) {
    const number = point.codePointAt(0) ?? 0;
    bytes += number < 0x80 ? 1 : number < 0x800 ? 2 : number < 0x10000 ? 3 : 4;
  }
  return bytes;
}
