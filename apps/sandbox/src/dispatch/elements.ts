import { isJson, type Json, objectsOf, textOf } from "../workspace/json.ts";

/** An element that can be used, and the block it stands in. */
export type Placed = { readonly block: Json; readonly element: Json };

/** Every interactive element of some blocks, in reading order. */
export function elementsOf(blocks: readonly Json[]): readonly Placed[] {
  return blocks.flatMap((block) => [
    ...own(block).map((element) => ({ block, element })),
    ...elementsOf(objectsOf(block, "child_blocks")),
  ]);
}

/** The element an act names; with several of one `action_id` in different blocks, the one whose `value` it is. */
export function findElement(blocks: readonly Json[], actionId: string, value: string | undefined): Placed | undefined {
  const candidates = elementsOf(blocks).filter(({ element }) => element["action_id"] === actionId);
  if (value === undefined) return candidates[0];
  return candidates.find(({ element }) => element["value"] === value || element["type"] !== "button");
}

function own(block: Json): readonly Json[] {
  const single = [block["accessory"], block["element"]].filter(isJson);
  const nested =
    block["type"] === "carousel" ? objectsOf(block, "elements").flatMap((card) => objectsOf(card, "actions")) : [];
  return [...single, ...objectsOf(block, "elements"), ...objectsOf(block, "actions"), ...nested].filter(
    (element) => textOf(element, "action_id") !== undefined,
  );
}
