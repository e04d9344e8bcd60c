import type { DividerBlock } from "@slack/types";

/** A thin rule. */
export function divider(): DividerBlock {
  return { type: "divider" };
}
