import type { InputBlock, InputBlockElement } from "@slack/types";
import { LIMITS } from "./limits.ts";
import { plainText } from "./text-object.ts";

/** `blockId` names the answer in the submitted view. */
export type InputOptions = {
  readonly blockId: string;
  readonly label: string;
  readonly element: InputBlockElement;
  readonly hint?: string;
  readonly optional?: boolean;
};

/** A labelled field of a form. */
export function input({ blockId, label, element, hint, optional }: InputOptions): InputBlock {
  return {
    type: "input",
    block_id: blockId,
    label: plainText(label, LIMITS.inputLabel),
    element,
    ...(hint === undefined ? {} : { hint: plainText(hint, LIMITS.inputLabel) }),
    ...(optional === undefined ? {} : { optional }),
  };
}
