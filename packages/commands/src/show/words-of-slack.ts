import type { View, ViewBlock } from "../view.ts";

/** A view as it is read in Slack, where what has to be typed begins with a slash. */
export function wordsOfSlack(view: View): View {
  return { ...view, json: jsonOfSlack(view.json), blocks: view.blocks.map(blockOfSlack) };
}

/** `fleet status, or fleet why UNIT` → `/fleet status, or /fleet why UNIT`; what is for a terminal stays as it is. */
export function hintOfSlack(text: string): string {
  if (text.startsWith("in a terminal:")) return text;
  return text
    .replaceAll(/(?<![\w/-])fleet (?=[a-z-])/g, "/fleet ")
    .replace(/(submit(?: --replace)? )\.\/(\S+), or see/, "$1$2, then the unit file between two lines of ```; or see");
}

function blockOfSlack(block: ViewBlock): ViewBlock {
  if (block.kind === "note") return { ...block, text: block.text.replaceAll(/\btry fleet (?=[a-z])/g, "try /fleet ") };
  if (block.kind !== "problem" || block.problem.try === undefined) return block;
  return { ...block, problem: { ...block.problem, try: hintOfSlack(block.problem.try) } };
}

function jsonOfSlack(json: unknown): unknown {
  if (!isRecord(json) || !isRecord(json["error"])) return json;
  const { error } = json;
  return typeof error["try"] === "string" ? { ...json, error: { ...error, try: hintOfSlack(error["try"]) } } : json;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
