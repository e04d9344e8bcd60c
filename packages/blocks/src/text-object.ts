import type { MrkdwnElement, PlainTextElement, TextObject } from "@slack/types";
import { truncate, truncateMrkdwn } from "./truncate.ts";

/** What is nothing is shown as `-`: Slack refuses empty texts, and a gap reads like a fault. */
const NOTHING = "-";

/** Plain text cut to `limit`; never parsed by Slack, so it needs no escaping. Colons stay colons. */
export function plainText(text: string, limit: number): PlainTextElement {
  return { type: "plain_text", text: truncate(orNothing(text), limit), emoji: false };
}

/** A text object from either kind of input: a string is plain text, mrkdwn stays mrkdwn. Both cut to `limit`. */
export function textObject(text: string | MrkdwnElement, limit: number): TextObject {
  if (typeof text === "string") return plainText(text, limit);
  return { type: "mrkdwn", text: truncateMrkdwn(orNothing(text.text), limit) };
}

/** The text itself, or `-` when there is nothing to see in it. */
export function orNothing(text: string): string {
  return text.trim() === "" ? NOTHING : text;
}
