import type { ConfirmationDialog } from "@slack/types";
import { LIMITS } from "./limits.ts";
import { plainText } from "./text-object.ts";

/** What the dialog asks; `confirm` and `deny` name the two ways out. */
export type ConfirmationOptions = {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly deny: string;
  readonly style?: "primary" | "danger";
};

/** The dialog between a click and its effect. A courtesy to the person, never the control. */
export function confirmation(options: ConfirmationOptions): ConfirmationDialog {
  return {
    title: plainText(options.title, LIMITS.confirmTitle),
    text: plainText(options.text, LIMITS.confirmText),
    confirm: plainText(options.confirm, LIMITS.confirmButton),
    deny: plainText(options.deny, LIMITS.confirmButton),
    ...(options.style === undefined ? {} : { style: options.style }),
  };
}
