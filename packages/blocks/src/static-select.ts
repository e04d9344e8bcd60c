import type { PlainTextOption, StaticSelect } from "@slack/types";
import { LIMITS } from "./limits.ts";
import { plainText } from "./text-object.ts";

/** One thing to choose; `value` is what comes back. */
export type Choice = { readonly text: string; readonly value: string };

/** A menu. `choices` hold 1 to 100; what is over is left out, so the caller puts the likely ones first. */
export type StaticSelectOptions = {
  readonly actionId: string;
  readonly placeholder: string;
  readonly choices: readonly Choice[];
  readonly initial?: string;
};

/** A menu of choices known when the message is made. */
export function staticSelect(options: StaticSelectOptions): StaticSelect {
  const choices = options.choices.slice(0, LIMITS.options).map(option);
  const initial = choices.find((choice) => choice.value === options.initial);
  return {
    type: "static_select",
    action_id: options.actionId,
    placeholder: plainText(options.placeholder, LIMITS.placeholder),
    options: choices,
    ...(initial === undefined ? {} : { initial_option: initial }),
  };
}

/** One option of a menu, as Slack wants it. */
export function option(choice: Choice): PlainTextOption {
  return { text: plainText(choice.text, LIMITS.optionText), value: choice.value };
}
