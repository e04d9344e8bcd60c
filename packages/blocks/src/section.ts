import type { MrkdwnElement, SectionBlock, SectionBlockAccessory } from "@slack/types";
import { LIMITS } from "./limits.ts";
import { textObject } from "./text-object.ts";

/** A paragraph, with at most one element at its right. Cut to 3000 characters. A string is shown literally. */
export function section(text: string | MrkdwnElement, accessory?: SectionBlockAccessory): SectionBlock {
  const body: SectionBlock = { type: "section", text: textObject(text, LIMITS.sectionText) };
  return accessory === undefined ? body : { ...body, accessory };
}
