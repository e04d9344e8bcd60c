import type { KnownBlock } from "@slack/types";
import { ACCESSORIES, ACTION_ELEMENTS, buttonElement, imageElement, INPUT_ELEMENTS } from "./element-rules.ts";
import { LIMITS } from "./limits.ts";
import { identifier, markup, plain, text, uniqueArray } from "./object-rules.ts";
import { richText, richTextElements } from "./rich-text-rules.ts";
import { anything, array, boolean, byType, isObject, number, object, oneOf, type Rule, string } from "./rules.ts";

const block = { type: anything, "block_id?": identifier };

const cell: Rule = byType({
  raw_text: object({ type: anything, text: string(LIMITS.sectionText) }),
  raw_number: object({ type: anything, value: number(), text: string(LIMITS.sectionText) }),
  rich_text: richText,
});

const rows = (most: number, least: number) => array(array(cell, LIMITS.tableColumns), most, least);

const image: Rule = object({
  ...block,
  alt_text: string(LIMITS.altText),
  "title?": plain(LIMITS.altText),
  "image_url?": string(LIMITS.url),
  "slack_file?": anything,
});

const taskCard: Rule = object({
  ...block,
  task_id: identifier,
  title: string(LIMITS.taskTitle),
  status: oneOf("pending", "in_progress", "complete", "error"),
  "details?": richText,
  "output?": richText,
  "sources?": anything,
});

const card: Rule = object({
  ...block,
  "hero_image?": imageElement,
  "icon?": imageElement,
  "title?": markup(LIMITS.cardTitle),
  "subtitle?": markup(LIMITS.cardTitle),
  "body?": markup(LIMITS.cardBody),
  "actions?": uniqueArray("action_id", buttonElement, LIMITS.cardActions),
});

const section: Rule = (value, pointer, report) => {
  object({
    ...block,
    "text?": text(LIMITS.sectionText),
    "fields?": array(text(LIMITS.fieldText), LIMITS.fields),
    "accessory?": byType(ACCESSORIES),
    "expand?": boolean,
  })(value, pointer, report);
  if (isObject(value) && value["text"] === undefined && value["fields"] === undefined)
    report(pointer, "missing required field: text");
};

/** The shape and the limits of every block type. */
export const BLOCK_RULES: Readonly<Record<KnownBlock["type"], Rule>> = {
  actions: object({ ...block, elements: uniqueArray("action_id", byType(ACTION_ELEMENTS), LIMITS.actionsElements) }),
  alert: object({
    ...block,
    text: text(LIMITS.alertText),
    "level?": oneOf("default", "info", "warning", "error", "success"),
  }),
  card,
  carousel: object({ ...block, elements: array(byType({ card }), LIMITS.carouselCards) }),
  container: object({
    ...block,
    "title?": plain(LIMITS.headerText),
    "rich_text_title?": richText,
    "subtitle?": text(LIMITS.headerText),
    child_blocks: array(anything, LIMITS.containerChildren),
    "width?": oneOf("narrow", "standard", "wide", "full"),
    "icon?": imageElement,
    "is_collapsible?": boolean,
    "default_collapsed?": boolean,
    "has_header_divider?": boolean,
  }),
  context: object({
    ...block,
    elements: array(
      byType({ image: imageElement, plain_text: plain(LIMITS.contextText), mrkdwn: markup(LIMITS.contextText) }),
      LIMITS.contextElements,
    ),
  }),
  context_actions: object({ ...block, elements: array(anything, 5) }),
  data_table: object({
    ...block,
    rows: rows(LIMITS.dataTableRows, 2),
    caption: string(LIMITS.headerText),
    "page_size?": number(1, LIMITS.pageSize),
    "row_header_column_index?": number(0, LIMITS.tableColumns - 1),
  }),
  divider: object(block),
  file: object({ ...block, source: anything, external_id: identifier }),
  header: object({ ...block, text: plain(LIMITS.headerText) }),
  image,
  input: object({
    ...block,
    label: plain(LIMITS.inputLabel),
    element: byType(INPUT_ELEMENTS),
    "hint?": plain(LIMITS.inputLabel),
    "optional?": boolean,
    "dispatch_action?": boolean,
  }),
  markdown: object({ ...block, text: string(LIMITS.markdownTotal) }),
  plan: object({
    ...block,
    title: string(LIMITS.taskTitle),
    "tasks?": uniqueArray("task_id", byType({ task_card: taskCard }), LIMITS.planTasks),
  }),
  rich_text: object({ ...block, elements: richTextElements }),
  section,
  table: object({
    ...block,
    rows: rows(LIMITS.tableRows, 1),
    "column_settings?": array(anything, LIMITS.tableColumns),
  }),
  task_card: taskCard,
  video: object({
    ...block,
    video_url: string(LIMITS.url),
    thumbnail_url: string(LIMITS.url),
    alt_text: string(LIMITS.altText),
    title: plain(200),
    "title_url?": string(LIMITS.url),
    "author_name?": string(50),
    "provider_name?": anything,
    "provider_icon_url?": anything,
    "description?": plain(200),
  }),
};
