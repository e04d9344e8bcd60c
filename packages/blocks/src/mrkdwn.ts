import type { MrkdwnElement } from "@slack/types";
import { escapeMrkdwn } from "./escape-mrkdwn.ts";

type Part = string | number | MrkdwnElement | readonly MrkdwnElement[];

/**
 * Template tag that makes a mrkdwn text object: the literal is markup, every interpolated string is escaped, and
 * interpolated mrkdwn goes in as it is. So a unit called `<!channel>` is shown, not obeyed.
 * @example mrkdwn`*${unit.name}* is ${code(state)}`
 */
export function mrkdwn(literals: TemplateStringsArray, ...parts: readonly Part[]): MrkdwnElement {
  const text = literals.map((literal, index) => literal + render(parts[index] ?? "")).join("");
  return { type: "mrkdwn", text };
}

/** Joins mrkdwn with a separator that is itself markup. */
export function joinMrkdwn(parts: readonly MrkdwnElement[], separator: string): MrkdwnElement {
  return { type: "mrkdwn", text: parts.map((part) => part.text).join(separator) };
}

/** Inline code. A back-tick or a line break would end it early, so both are replaced by what looks nearest. */
export function code(text: string): MrkdwnElement {
  const line = text.replaceAll("`", "ˋ").replaceAll(/\s+/g, " ").trim();
  return { type: "mrkdwn", text: line === "" ? "-" : `\`${escapeMrkdwn(line)}\`` };
}

/** A mention of one user by id; ids that are not ids are shown as text. */
export function mentionUser(id: string): MrkdwnElement {
  return { type: "mrkdwn", text: /^[UW][A-Z0-9]+$/.test(id) ? `<@${id}>` : escapeMrkdwn(id) };
}

/** A date that each viewer sees in their own time zone. `unixSeconds` is whole seconds; `fallback` is shown by old clients. */
export function dateToken(unixSeconds: number, fallback: string): MrkdwnElement {
  const safe = escapeMrkdwn(fallback).replaceAll("|", "/");
  return { type: "mrkdwn", text: `<!date^${Math.trunc(unixSeconds)}^{date_short_pretty} {time}|${safe}>` };
}

function render(part: Part): string {
  if (typeof part === "string") return escapeMrkdwn(part);
  if (typeof part === "number") return String(part);
  return "text" in part ? part.text : part.map((inner) => inner.text).join("");
}
