import type { ActionsBlock, ActionsBlockElement } from "@slack/types";

/** A row of things to press; 1 to 25, each with an `action_id` of its own within the row. */
export function actions(...elements: readonly ActionsBlockElement[]): ActionsBlock {
  return { type: "actions", elements: [...elements] };
}
