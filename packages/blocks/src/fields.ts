import type { MrkdwnElement, SectionBlock } from "@slack/types";
import { LIMITS } from "./limits.ts";
import { mrkdwn } from "./mrkdwn.ts";
import { textObject } from "./text-object.ts";

/** One labelled fact. */
export type Field = { readonly label: string; readonly value: string | number | MrkdwnElement };

/**
 * Facts in two columns. Slack shows ten; what is over is left out, so the caller puts the telling ones first. Ten of full
 * length would be more than a message holds, so each gets its share.
 */
export function fields(facts: readonly Field[]): SectionBlock {
  const shown = facts.length === 0 ? [{ label: "Nothing", value: "-" }] : facts.slice(0, LIMITS.fields);
  const limit = Math.min(LIMITS.fieldText, Math.floor(BUDGET / shown.length));
  return { type: "section", fields: shown.map((fact) => textObject(render(fact), limit)) };
}

const BUDGET = LIMITS.messageBlocksText - 1_000;

function render({ label, value }: Field): MrkdwnElement {
  return mrkdwn`*${label}*\n${value === "" ? "-" : value}`;
}
