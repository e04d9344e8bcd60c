import { validate } from "@quarterdeck/blocks";
import { isJson, type Json, textOf } from "../workspace/json.ts";
import type { View } from "../workspace/views.ts";
import { type ApiCall, type ApiMethod, type ApiReply, refuse, TIER } from "./api-call.ts";
import { invalid } from "./invalid.ts";

const shared = { token: "bot", perMinute: TIER[4] } as const;

/** The methods that show modals and App Home. */
export const VIEW_METHODS: Readonly<Record<string, ApiMethod>> = {
  "views.open": { ...shared, handle: (call) => show(call, "open") },
  "views.push": { ...shared, handle: (call) => show(call, "push") },
  "views.update": { ...shared, handle: update },
  "views.publish": { ...shared, handle: publish },
};

function show({ workspace, args }: ApiCall, how: "open" | "push"): ApiReply {
  const definition = checked(args, "modal");
  if (isReply(definition)) return definition;
  const use = workspace.triggers.use(textOf(args, "trigger_id") ?? "");
  if (!use.ok) return refuse(use.error);
  const externalId = textOf(definition, "external_id");
  if (externalId !== undefined && workspace.views.findExternal(externalId) !== undefined)
    return refuse("duplicate_external_id");
  const view = how === "open" ? workspace.views.open(use.user, definition) : workspace.views.push(use.user, definition);
  if (view === undefined) return refuse("push_limit_reached");
  workspace.interactions.find(use.interaction)?.views.push(view.id);
  workspace.bus.publish({ type: "interaction", id: use.interaction });
  return { ok: true, view };
}

function update({ workspace, args }: ApiCall): ApiReply {
  const definition = checked(args, "modal");
  if (isReply(definition)) return definition;
  const externalId = textOf(args, "external_id");
  const old =
    externalId === undefined
      ? workspace.views.find(textOf(args, "view_id") ?? "")
      : workspace.views.findExternal(externalId);
  if (old === undefined) return refuse("not_found");
  const hash = textOf(args, "hash");
  if (hash !== undefined && hash !== old.hash) return refuse("hash_conflict");
  return { ok: true, view: workspace.views.update(old, definition) };
}

function publish({ workspace, args }: ApiCall): ApiReply {
  const definition = checked(args, "home");
  if (isReply(definition)) return definition;
  const user = workspace.directory.users.find(({ id }) => id === textOf(args, "user_id"));
  if (user === undefined) return refuse("user_not_found");
  const hash = textOf(args, "hash");
  if (hash !== undefined && hash !== workspace.views.home(user.id)?.hash) return refuse("hash_conflict");
  return { ok: true, view: workspace.views.publish(user.id, definition) };
}

function checked(args: Json, surface: "modal" | "home"): Json | ApiReply {
  const view = args["view"];
  if (!isJson(view))
    return refuse("invalid_arguments", { response_metadata: { messages: ["[ERROR] missing required field: view"] } });
  const violations = validate(surface, view);
  return violations.length > 0 ? invalid(violations) : view;
}

function isReply(value: Json | ApiReply | View): value is ApiReply {
  return value["ok"] === false;
}
