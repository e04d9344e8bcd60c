import type { Button } from "@slack/types";
import { confirmation, type ConfirmationOptions } from "./confirmation.ts";
import { LIMITS } from "./limits.ts";
import { plainText } from "./text-object.ts";

/**
 * `value` comes back with the click; it must be an opaque id, for authority is looked up at click time.
 * `label` is read by screen readers instead of a text that means nothing alone.
 */
export type ButtonOptions = {
  readonly actionId: string;
  readonly text: string;
  readonly value?: string;
  readonly url?: string;
  readonly style?: "primary" | "danger";
  readonly label?: string;
  readonly confirm?: ConfirmationOptions;
};

/** A button. A text is cut to what fits; an over-long id or value is left for `validate` to report, for half an id is a wrong id. */
export function button(options: ButtonOptions): Button {
  const { actionId, text, value, url, style, label, confirm } = options;
  return {
    type: "button",
    action_id: actionId,
    text: plainText(text, LIMITS.buttonText),
    ...(value === undefined ? {} : { value }),
    ...(url === undefined ? {} : { url }),
    ...(style === undefined ? {} : { style }),
    ...(label === undefined ? {} : { accessibility_label: plainText(label, LIMITS.accessibilityLabel).text }),
    ...(confirm === undefined ? {} : { confirm: confirmation(confirm) }),
  };
}
