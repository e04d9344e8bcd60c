import { isJson, type Json, objectsOf } from "../workspace/json.ts";

/** What a person put into an element: the value of one choice, or several. */
export type Selected = string | number | readonly string[] | Json | undefined;

/** The member that holds an element's value in payloads, where it is not made of options. */
const PLAIN: Readonly<Record<string, string>> = {
  datepicker: "selected_date",
  timepicker: "selected_time",
  datetimepicker: "selected_date_time",
  users_select: "selected_user",
  channels_select: "selected_channel",
  conversations_select: "selected_conversation",
  plain_text_input: "value",
  email_text_input: "value",
  url_text_input: "value",
  number_input: "value",
  multi_users_select: "selected_users",
};

const MANY = new Set(["checkboxes", "multi_static_select", "multi_external_select"]);

/**
 * The members by which Slack reports what was put into an element, as in `actions[]` and `view.state.values`; undefined
 * when the element does not offer it.
 */
export function elementValue(element: Json, selected: Selected): Json | undefined {
  const type = String(element["type"]);
  const plain = PLAIN[type];
  if (plain !== undefined) return { [plain]: selected ?? null };
  if (MANY.has(type)) {
    const chosen = toList(selected).map((value) => option(element, value));
    return chosen.every((found) => found !== undefined) ? { selected_options: chosen } : undefined;
  }
  if (type === "button")
    return { text: element["text"], ...(element["value"] === undefined ? {} : { value: element["value"] }) };
  if (selected === undefined) return { selected_option: null };
  const chosen = option(element, selected);
  return chosen === undefined ? undefined : { selected_option: chosen };
}

/** What an element holds before anybody touches it. */
export function initialValue(element: Json): Json {
  const initial = Object.entries(element).find(([name]) => name.startsWith("initial_"));
  if (initial === undefined) return elementValue(element, MANY.has(String(element["type"])) ? [] : undefined) ?? {};
  const [name, value] = initial;
  return { [name === "initial_value" ? "value" : name.replace("initial_", "selected_")]: value };
}

function toList(selected: Selected): readonly Selected[] {
  if (selected === undefined) return [];
  return Array.isArray(selected) ? selected : [selected];
}

/** The offered option with this value; of an external menu whatever the app itself had offered, given whole. */
function option(element: Json, selected: Selected): Json | undefined {
  const external = String(element["type"]).endsWith("external_select");
  if (isJson(selected)) return external ? selected : option(element, selected["value"] as Selected);
  const offered = [
    ...objectsOf(element, "options"),
    ...objectsOf(element, "option_groups").flatMap((group) => objectsOf(group, "options")),
  ];
  const found = offered.find((candidate) => candidate["value"] === selected);
  if (found !== undefined || !external) return found;
  return { text: { type: "plain_text", text: String(selected) }, value: selected };
}
