import { type Diagnostic, validate } from "@quarterdeck/blocks";
import { flagOf, isJson, type Json, objectsOf, textOf } from "../workspace/json.ts";
import type { Message } from "../workspace/message.ts";
import type { ResponseUrl } from "../workspace/response-urls.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** What Slack answers to a body sent to a response_url. */
export type RespondOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: string; readonly violations: readonly Diagnostic[] };

/**
 * Acts on a body sent to a response_url, or on an acknowledgement: posts, replaces or deletes. `response_type` is
 * `ephemeral` unless it says `in_channel`.
 */
export function respond(workspace: Workspace, url: ResponseUrl, body: Json): RespondOutcome {
  const original = url.original === undefined ? undefined : workspace.messages.find(url.channel, url.original);
  if (flagOf(body, "delete_original")) {
    if (original !== undefined) workspace.messages.remove(original);
    return { ok: true };
  }
  const violations = validate("message", body);
  const [first] = violations;
  if (first !== undefined) return { ok: false, error: first.code, violations };
  const message =
    flagOf(body, "replace_original") && original !== undefined
      ? replace(workspace, original, body)
      : post(workspace, url, body);
  const interaction = workspace.interactions.find(url.interaction);
  if (interaction !== undefined) workspace.interactions.attach(interaction, message);
  if (interaction?.kind === "command") url.original = message.ts;
  return { ok: true };
}

function replace(workspace: Workspace, original: Message, body: Json): Message {
  return workspace.messages.edit(original, {
    text: textOf(body, "text") ?? "",
    blocks: objectsOf(body, "blocks"),
    metadata: metadataOf(body),
  });
}

function post(workspace: Workspace, url: ResponseUrl, body: Json): Message {
  return workspace.messages.post({
    channel: url.channel,
    text: textOf(body, "text") ?? "",
    blocks: objectsOf(body, "blocks"),
    metadata: metadataOf(body),
    threadTs: textOf(body, "thread_ts"),
    ephemeralFor: body["response_type"] === "in_channel" ? undefined : url.user,
  });
}

/** The metadata of a body, if it has any. */
export function metadataOf(body: Json): Json | undefined {
  const metadata = body["metadata"];
  return isJson(metadata) ? metadata : undefined;
}
