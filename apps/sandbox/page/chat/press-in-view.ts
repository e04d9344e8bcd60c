import type { Use } from "../blocks/element-view.tsx";
import { send } from "../state/call.ts";
import { me } from "../state/chat-state.ts";

/** Uses an element of a modal or of App Home. */
export async function pressInView(viewId: string, { element, selected }: Use): Promise<void> {
  const { error } = await send<{ readonly error?: string }>("/sandbox/actions", {
    user: me.value,
    view_id: viewId,
    action_id: element["action_id"],
    ...(element["type"] === "button" && element["value"] !== undefined ? { value: element["value"] } : {}),
    ...(selected === undefined ? {} : { selected }),
  });
  if (error !== undefined) throw new Error(`The click was not taken: ${error}`);
}
