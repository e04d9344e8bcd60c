import { isJson, textOf } from "../../src/workspace/json.ts";
import { MrkdwnText } from "./mrkdwn-text.tsx";
import { Signs } from "./signs.tsx";

/** A text object of either kind; anything else shows nothing. */
export function TextObject({ value }: { readonly value: unknown }) {
  if (typeof value === "string") return <Signs text={value} />;
  if (!isJson(value)) return null;
  const text = textOf(value, "text") ?? "";
  return value["type"] === "mrkdwn" ? <MrkdwnText text={text} /> : <Signs text={text} />;
}

/** The text of a text object, for labels. */
export function plainOf(value: unknown): string {
  return isJson(value) ? (textOf(value, "text") ?? "") : typeof value === "string" ? value : "";
}
