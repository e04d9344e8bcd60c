import type { ContextBlock, MrkdwnElement } from "@slack/types";
import { LIMITS } from "./limits.ts";
import { textObject } from "./text-object.ts";

/** Small print under what it belongs to: revision, age, actor. At most ten elements; the rest is left out. */
export function context(...elements: readonly (string | MrkdwnElement)[]): ContextBlock {
  const shown = elements.length === 0 ? ["-"] : elements.slice(0, LIMITS.contextElements);
  return { type: "context", elements: shown.map((element) => textObject(element, LIMITS.contextText)) };
}
