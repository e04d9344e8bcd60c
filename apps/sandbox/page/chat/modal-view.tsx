import { useEffect, useRef, useState } from "preact/hooks";
import { objectsOf } from "../../src/workspace/json.ts";
import type { View } from "../../src/workspace/views.ts";
import { Blocks } from "../blocks/block-view.tsx";
import type { Use } from "../blocks/element-view.tsx";
import { plainOf } from "../blocks/text-object.tsx";
import { send } from "../state/call.ts";
import { attempt } from "../state/notice.ts";
import { pressInView } from "./press-in-view.ts";

type Chosen = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
type Outcome = { readonly errors?: Readonly<Record<string, string>>; readonly error?: string };

/** The topmost modal. Inputs are kept here until it is submitted; other elements act at once. */
export function ModalView({ view }: { readonly view: View }) {
  const element = useRef<HTMLDialogElement>(null);
  const [values, setValues] = useState<Chosen>({});
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  useEffect(() => element.current?.showModal(), []);

  const onUse = (use: Use) => {
    const blockId = String(use.block["block_id"]);
    if (use.block["type"] !== "input") return attempt(() => pressInView(view.id, use));
    setValues({ ...values, [blockId]: { ...values[blockId], [String(use.element["action_id"])]: use.selected ?? "" } });
  };
  const submit = async () => {
    const outcome = await send<Outcome>(`/sandbox/views/${view.id}/submit`, { values });
    setErrors(outcome.errors ?? {});
    if (outcome.error !== undefined) throw new Error(`The form was not taken: ${outcome.error}`);
  };
  const close = () => attempt(() => send(`/sandbox/views/${view.id}/close`));

  return (
    <dialog ref={element} class="modal" aria-label={plainOf(view["title"])} onCancel={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          attempt(submit);
        }}
      >
        <h2>{plainOf(view["title"])}</h2>
        <Blocks blocks={objectsOf(view, "blocks")} onUse={onUse} />
        {Object.entries(errors).map(([block, words]) => (
          <p key={block} class="error" role="alert">
            {words}
          </p>
        ))}
        <footer>
          <button type="button" class="kit-button" onClick={close}>
            {plainOf(view["close"]) || "Cancel"}
          </button>
          {view["submit"] !== null && (
            <button type="submit" class="kit-button primary">
              {plainOf(view["submit"]) || "Submit"}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}
