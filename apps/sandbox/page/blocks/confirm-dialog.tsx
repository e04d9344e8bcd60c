import { useEffect, useRef } from "preact/hooks";
import { type Json, textOf } from "../../src/workspace/json.ts";
import { plainOf, TextObject } from "./text-object.tsx";

type Props = { readonly dialog: Json; readonly onConfirm: () => void; readonly onDeny: () => void };

/** The dialog between a click and its effect. Escape denies. */
export function ConfirmDialog({ dialog, onConfirm, onDeny }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} class="confirm" aria-label={plainOf(dialog["title"]) || "Are you sure?"} onClose={onDeny}>
      <h2>{plainOf(dialog["title"]) || "Are you sure?"}</h2>
      <p class="prose">
        <TextObject value={dialog["text"]} />
      </p>
      <footer>
        <button type="button" class="kit-button" onClick={onDeny}>
          {plainOf(dialog["deny"]) || "Cancel"}
        </button>
        <button type="button" class={`kit-button ${textOf(dialog, "style") ?? "primary"}`} onClick={onConfirm}>
          {plainOf(dialog["confirm"]) || "Yes"}
        </button>
      </footer>
    </dialog>
  );
}
