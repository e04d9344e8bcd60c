import type { HeaderBlock } from "@slack/types";
import { LIMITS } from "./limits.ts";
import { plainText } from "./text-object.ts";

/** A heading; screen readers navigate by it, so it should carry the state in words. One line, cut to 150 characters. */
export function header(text: string): HeaderBlock {
  return { type: "header", text: plainText(text.replaceAll(/\s+/g, " "), LIMITS.headerText) };
}
