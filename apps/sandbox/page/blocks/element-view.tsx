import { useId, useRef, useState } from "preact/hooks";
import { isJson, type Json, objectsOf, textOf } from "../../src/workspace/json.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { plainOf, TextObject } from "./text-object.tsx";

/** What a person used: the element, its block, and what was chosen. */
export type Use = { readonly element: Json; readonly block: Json; readonly selected?: string | readonly string[] };
export type OnUse = (use: Use) => void;

type Props = { readonly element: Json; readonly block: Json; readonly onUse: OnUse };

/** One interactive element. A confirmation is asked before it counts as used. */
export function ElementView({ element, block, onUse }: Props) {
  const [asking, setAsking] = useState<Use | undefined>(undefined);
  const use = (selected?: string | readonly string[]) => {
    const used: Use = { element, block, ...(selected === undefined ? {} : { selected }) };
    if (isJson(element["confirm"])) setAsking(used);
    else onUse(used);
  };
  return (
    <>
      <Control element={element} label={plainOf(block["label"])} onPick={use} />
      {asking !== undefined && isJson(element["confirm"]) && (
        <ConfirmDialog
          dialog={element["confirm"]}
          onConfirm={() => {
            setAsking(undefined);
            onUse(asking);
          }}
          onDeny={() => setAsking(undefined)}
        />
      )}
    </>
  );
}

/** `label` is the input block's; empty where an element must speak for itself. */
type ControlProps = {
  readonly element: Json;
  readonly label: string;
  readonly onPick: (selected?: string | readonly string[]) => void;
};

function Control(props: ControlProps) {
  const { element } = props;
  const type = String(element["type"]);
  if (type === "button") return <ButtonControl {...props} />;
  if (type === "image")
    return <img class="accessory" src={String(element["image_url"])} alt={String(element["alt_text"])} />;
  if (type === "radio_buttons" || type === "checkboxes") return <ChoiceControl {...props} />;
  if (objectsOf(element, "options").length > 0 || objectsOf(element, "option_groups").length > 0)
    return <MenuControl {...props} />;
  return <TextControl {...props} />;
}

function ButtonControl({ element, onPick }: ControlProps) {
  const url = element["url"];
  const open = () =>
    typeof url === "string" && /^https?:/i.test(url) && window.open(url, "_blank", "noopener,noreferrer");
  return (
    <button
      type="button"
      class={`kit-button ${textOf(element, "style") ?? ""}`}
      aria-label={typeof element["accessibility_label"] === "string" ? element["accessibility_label"] : undefined}
      onClick={() => {
        open();
        onPick();
      }}
    >
      <TextObject value={element["text"]} />
    </button>
  );
}

function MenuControl({ element, label, onPick }: ControlProps) {
  const options = [
    ...objectsOf(element, "options"),
    ...objectsOf(element, "option_groups").flatMap((group) => objectsOf(group, "options")),
  ];
  const overflow = element["type"] === "overflow";
  const initial = isJson(element["initial_option"]) ? String(element["initial_option"]["value"]) : "";
  const [chosen, setChosen] = useState(initial);
  const words = overflow ? "More…" : plainOf(element["placeholder"]) || "Choose…";
  const choose = (value: string) => {
    // An overflow menu is a row of buttons: it keeps no choice.
    setChosen(overflow ? "" : value);
    if (value !== "") onPick(value);
  };
  return (
    <select
      class="kit-select"
      aria-label={label || words}
      value={chosen}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      <option value="">{words}</option>
      {options.map((option) => (
        <option key={String(option["value"])} value={String(option["value"])}>
          {plainOf(option["text"])}
        </option>
      ))}
    </select>
  );
}

function ChoiceControl({ element, label, onPick }: ControlProps) {
  const name = useId();
  const group = useRef<HTMLFieldSetElement>(null);
  const many = element["type"] === "checkboxes";
  const checked = () =>
    [...(group.current?.querySelectorAll<HTMLInputElement>("input:checked") ?? [])].map(({ value }) => value);
  return (
    <fieldset ref={group} class="kit-choice" aria-label={label || "Choices"}>
      {objectsOf(element, "options").map((option) => (
        <label key={String(option["value"])}>
          <input
            type={many ? "checkbox" : "radio"}
            name={name}
            value={String(option["value"])}
            onChange={() => onPick(many ? checked() : checked()[0])}
          />
          {plainOf(option["text"])}
        </label>
      ))}
    </fieldset>
  );
}

const KEYBOARDS = { number_input: "decimal", email_text_input: "email", url_text_input: "url" } as const;

function TextControl({ element, label, onPick }: ControlProps) {
  const shared = {
    class: "kit-input",
    placeholder: plainOf(element["placeholder"]),
    "aria-label": label || plainOf(element["placeholder"]) || "Value",
    onChange: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      onPick(currentTarget.value),
  };
  const initial = textOf(element, "initial_value") ?? "";
  if (element["multiline"] === true) return <textarea {...shared} rows={4} defaultValue={initial} />;
  const type = String(element["type"]);
  if (type === "datepicker") return <input {...shared} type="date" defaultValue={initial} />;
  if (type === "timepicker") return <input {...shared} type="time" defaultValue={initial} />;
  const keyboard = type in KEYBOARDS ? KEYBOARDS[type as keyof typeof KEYBOARDS] : "text";
  return <input {...shared} type="text" inputMode={keyboard} defaultValue={initial} />;
}
