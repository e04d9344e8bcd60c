import type { Platform } from "../platform.ts";
import type { User } from "../workspace/directory.ts";
import { IDENTITY } from "../workspace/identity.ts";
import { isJson, type Json, objectsOf } from "../workspace/json.ts";
import { findElement } from "./elements.ts";
import { TEAM, userPayload } from "./person.ts";

/** What a person types into an external menu of a message or a view. */
export type OptionsQuery = {
  readonly user: User;
  readonly shown: Json;
  readonly actionId: string;
  readonly query: string;
};

/** The options that the bot offers for it, or Slack's error; undefined when the menu is not shown. */
export async function dispatchOptions(
  { hub }: Platform,
  { user, shown, actionId, query }: OptionsQuery,
): Promise<Json | undefined> {
  const placed = findElement(objectsOf(shown, "blocks"), actionId, undefined);
  if (placed === undefined) return undefined;
  const isView = shown["type"] !== "message";
  const delivery = await hub.deliver({
    type: "interactive",
    acceptsResponse: true,
    payload: () => ({
      type: "block_suggestion",
      user: userPayload(user),
      team: TEAM,
      api_app_id: IDENTITY.app,
      token: "sandbox",
      action_id: actionId,
      block_id: placed.block["block_id"],
      value: query,
      container: isView ? { type: "view", view_id: shown["id"] } : { type: "message", message_ts: shown["ts"] },
      ...(isView ? { view: shown } : { message: shown }),
    }),
  });
  if (!delivery.ok) return { error: delivery.error };
  return isJson(delivery.ack) ? delivery.ack : { options: [] };
}
