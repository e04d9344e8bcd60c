import { validate } from "@quarterdeck/blocks";
import type { Platform } from "../platform.ts";
import type { User } from "../workspace/directory.ts";
import { IDENTITY } from "../workspace/identity.ts";
import { isJson, type Json, objectsOf } from "../workspace/json.ts";
import type { View } from "../workspace/views.ts";
import { elementValue, initialValue, type Selected } from "./element-value.ts";
import { TEAM, userPayload } from "./person.ts";

type OpenView = { readonly user: User; readonly view: View };

/** What a person put into a form, by block and action. */
export type Values = Readonly<Record<string, Readonly<Record<string, Selected>>>>;

/** Submits a modal: what Slack checks itself, then what the bot says. */
export async function dispatchSubmit(platform: Platform, { user, view }: OpenView, values: Values): Promise<Json> {
  const inputs = objectsOf(view, "blocks").filter((block) => block["type"] === "input");
  const missing = inputs.filter((block) => block["optional"] !== true && isEmpty(stateOf(block, values)));
  if (missing.length > 0)
    return {
      errors: Object.fromEntries(missing.map((block) => [block["block_id"], "Please complete this required field."])),
    };
  const state = {
    values: Object.fromEntries(inputs.map((block) => [String(block["block_id"]), stateOf(block, values)])),
  };
  const interaction = platform.workspace.ids.next("sub");
  const trigger = platform.workspace.triggers.issue(
    interaction,
    user.id,
    platform.workspace.faults.take("expire-triggers") !== undefined,
  );
  const delivery = await platform.hub.deliver({
    type: "interactive",
    acceptsResponse: true,
    payload: () => ({
      ...envelope("view_submission", user, { ...view, state }),
      trigger_id: trigger,
      response_urls: [],
    }),
  });
  if (!delivery.ok) return { closed: false, error: delivery.error };
  return obey(platform, { user, view }, isJson(delivery.ack) ? delivery.ack : {});
}

/** Closes a modal; the bot hears of it only if it asked to. */
export async function dispatchClose({ workspace, hub }: Platform, { user, view }: OpenView): Promise<Json> {
  workspace.views.close(view.id);
  if (view["notify_on_close"] === true)
    await hub.deliver({
      type: "interactive",
      acceptsResponse: false,
      payload: () => ({ ...envelope("view_closed", user, view), is_cleared: false }),
    });
  return { closed: true };
}

/** Does what `response_action` says; without one the view closes. */
function obey({ workspace }: Platform, { user, view }: OpenView, ack: Json): Json {
  const { views } = workspace;
  const next = isJson(ack["view"]) ? ack["view"] : undefined;
  const violations = next === undefined ? [] : validate("modal", next);
  if (violations.length > 0) {
    workspace.journal.record({ kind: "ack", name: "view_submission", error: violations[0]?.code, violations });
    return { closed: false, error: violations[0]?.code };
  }
  switch (ack["response_action"]) {
    case "errors":
      return { errors: ack["errors"] };
    case "update":
      return { closed: false, view: next && views.update(view, next) };
    case "push":
      return { closed: false, view: next && views.push(user.id, next) };
    case "clear":
      views.clear(user.id);
      return { closed: true };
    default:
      views.close(view.id);
      return { closed: true };
  }
}

function envelope(type: string, user: User, view: Json): Json {
  return { type, team: TEAM, user: userPayload(user), api_app_id: IDENTITY.app, token: "sandbox", view };
}

function stateOf(block: Json, values: Values): Json {
  const element = isJson(block["element"]) ? block["element"] : {};
  const actionId = String(element["action_id"]);
  const given = values[String(block["block_id"])]?.[actionId];
  const value = given === undefined ? initialValue(element) : elementValue(element, given);
  return { [actionId]: { type: element["type"], ...value } };
}

function isEmpty(state: Json): boolean {
  return Object.values(state)
    .filter(isJson)
    .every(({ type: _type, ...value }) =>
      Object.values(value).every(
        (part) => part === null || part === undefined || part === "" || (Array.isArray(part) && part.length === 0),
      ),
    );
}
