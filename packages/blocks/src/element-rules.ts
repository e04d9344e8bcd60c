import { LIMITS } from "./limits.ts";
import { confirm, identifier, option, optionGroup, plain } from "./object-rules.ts";
import { anything, array, boolean, number, object, oneOf, type Rule, string } from "./rules.ts";

const interactive = { type: anything, "action_id?": identifier, "confirm?": confirm };
const focusable = { "focus_on_load?": boolean };
const placeholder = { "placeholder?": plain(LIMITS.placeholder) };
const menu = { ...interactive, ...focusable, ...placeholder };
const many = { "max_selected_items?": number(1) };
const list = (max: number) => array(option, max);
const choices = { "options?": list(LIMITS.options), "option_groups?": array(optionGroup, LIMITS.options) };

const image: Rule = object({
  type: anything,
  "image_url?": string(LIMITS.url),
  "slack_file?": anything,
  alt_text: string(LIMITS.altText),
});

const button: Rule = object({
  ...interactive,
  text: plain(LIMITS.buttonText),
  "url?": string(LIMITS.url),
  "value?": string(LIMITS.buttonValue),
  "style?": oneOf("primary", "danger"),
  "accessibility_label?": string(LIMITS.accessibilityLabel),
});

const typed = { ...interactive, ...focusable, ...placeholder, "dispatch_action_config?": anything };
const bounds = { "min_value?": anything, "max_value?": anything };

const plainTextInput: Rule = object({
  ...typed,
  "initial_value?": string(LIMITS.inputText, 0),
  "multiline?": boolean,
  "min_length?": number(0, LIMITS.inputText),
  "max_length?": number(1, LIMITS.inputText),
});

const selects: Readonly<Record<string, Rule>> = {
  static_select: object({ ...menu, ...choices, "initial_option?": option }),
  external_select: object({ ...menu, "initial_option?": option, "min_query_length?": number(0) }),
  users_select: object({ ...menu, "initial_user?": identifier }),
  channels_select: object({ ...menu, "initial_channel?": identifier, "response_url_enabled?": boolean }),
  conversations_select: object({
    ...menu,
    "initial_conversation?": identifier,
    "default_to_current_conversation?": boolean,
    "response_url_enabled?": boolean,
    "filter?": anything,
  }),
  multi_static_select: object({ ...menu, ...many, ...choices, "initial_options?": list(LIMITS.options) }),
  multi_external_select: object({
    ...menu,
    ...many,
    "initial_options?": list(LIMITS.options),
    "min_query_length?": number(0),
  }),
  multi_users_select: object({ ...menu, ...many, "initial_users?": anything }),
};

const pickers: Readonly<Record<string, Rule>> = {
  datepicker: object({ ...menu, "initial_date?": string(10) }),
  timepicker: object({ ...menu, "initial_time?": string(5), "timezone?": string(LIMITS.identifier) }),
  datetimepicker: object({ ...interactive, ...focusable, "initial_date_time?": number(0) }),
  checkboxes: object({
    ...interactive,
    ...focusable,
    options: list(LIMITS.choiceOptions),
    "initial_options?": list(LIMITS.choiceOptions),
  }),
  radio_buttons: object({
    ...interactive,
    ...focusable,
    options: list(LIMITS.choiceOptions),
    "initial_option?": option,
  }),
};

const overflow: Rule = object({ ...interactive, options: list(LIMITS.overflowOptions) });

/** What a row of actions may hold. */
export const ACTION_ELEMENTS: Readonly<Record<string, Rule>> = { button, overflow, ...selects, ...pickers };

/** What may stand at the right of a section. */
export const ACCESSORIES: Readonly<Record<string, Rule>> = { ...ACTION_ELEMENTS, image };

/** What an input block may hold. */
export const INPUT_ELEMENTS: Readonly<Record<string, Rule>> = {
  ...selects,
  ...pickers,
  plain_text_input: plainTextInput,
  email_text_input: object({ ...typed, "initial_value?": string(LIMITS.inputText, 0) }),
  url_text_input: object({ ...typed, "initial_value?": string(LIMITS.inputText, 0) }),
  number_input: object({ ...typed, ...bounds, is_decimal_allowed: boolean, "initial_value?": anything }),
  rich_text_input: object({ ...typed, "initial_value?": anything }),
};

/** An image as an element or an icon. */
export const imageElement: Rule = image;

/** A button where only buttons may be. */
export const buttonElement: Rule = button;
