import { validate } from "@quarterdeck/blocks";
import { metadataOf } from "../dispatch/respond.ts";
import type { Channel } from "../workspace/directory.ts";
import { IDENTITY } from "../workspace/identity.ts";
import { isJson, type Json, objectsOf, textOf } from "../workspace/json.ts";
import { answerFacts, type Message } from "../workspace/message.ts";
import { type ApiCall, type ApiMethod, type ApiReply, refuse, TIER } from "./api-call.ts";
import { invalid } from "./invalid.ts";

const shared = { token: "bot", scope: "chat:write" } as const;

/** The methods that write messages. */
export const CHAT_METHODS: Readonly<Record<string, ApiMethod>> = {
  "chat.postMessage": { ...shared, perMinute: Infinity, handle: postMessage },
  "chat.postEphemeral": { ...shared, perMinute: TIER[4], handle: postEphemeral },
  "chat.update": { ...shared, perMinute: TIER[3], handle: update },
  "chat.delete": { ...shared, perMinute: TIER[3], handle: remove },
  "chat.getPermalink": { token: "bot", perMinute: Infinity, handle: getPermalink },
};

function postMessage(call: ApiCall): ApiReply {
  const channel = place(call);
  if ("ok" in channel) return channel;
  const message = write(call, channel, undefined);
  return "ok" in message ? message : { ok: true, channel: channel.id, ts: message.ts, message: shown(message) };
}

function postEphemeral(call: ApiCall): ApiReply {
  const channel = place(call);
  if ("ok" in channel) return channel;
  const user = call.workspace.directory.user(textOf(call.args, "user") ?? "");
  if (user === undefined) return refuse("user_not_in_channel");
  const message = write(call, channel, user.id);
  return "ok" in message ? message : { ok: true, message_ts: message.ts };
}

function update(call: ApiCall): ApiReply {
  const { workspace, args } = call;
  const old = own(call, "cant_update_message");
  if ("ok" in old) return old;
  const violations = validate("update", {
    ...args,
    ...(args["text"] === undefined && args["blocks"] === undefined ? { text: old.text } : {}),
  });
  if (violations.length > 0) return invalid(violations);
  const wrong = wrongMetadata(args);
  if (wrong !== undefined) return wrong;
  const message = workspace.messages.edit(old, {
    text: textOf(args, "text"),
    blocks: args["blocks"] === undefined ? undefined : objectsOf(args, "blocks"),
    metadata: metadataOf(args),
  });
  attach(call, message);
  return { ok: true, channel: message.channel, ts: message.ts, text: message.text, message: shown(message) };
}

function remove(call: ApiCall): ApiReply {
  const message = own(call, "cant_delete_message");
  if ("ok" in message) return message;
  call.workspace.messages.remove(message);
  return { ok: true, channel: message.channel, ts: message.ts };
}

function getPermalink({ args, base, workspace }: ApiCall): ApiReply {
  const channel = workspace.directory.channel(textOf(args, "channel") ?? "");
  if (channel === undefined) return refuse("channel_not_found");
  const message = workspace.messages.find(channel.id, textOf(args, "message_ts") ?? "");
  if (message === undefined) return refuse("message_not_found");
  return { ok: true, channel: channel.id, permalink: `${base}/archives/${channel.id}/p${message.ts.replace(".", "")}` };
}

function place({ workspace, args }: ApiCall): Channel | ApiReply {
  const channel = workspace.directory.channel(textOf(args, "channel") ?? "");
  if (channel === undefined) return refuse("channel_not_found");
  return channel.botMember ? channel : refuse("not_in_channel");
}

/** A message the bot may change: one that exists, is its own, and is not ephemeral. */
function own({ workspace, args }: ApiCall, notOwn: string): Message | ApiReply {
  const channel = workspace.directory.channel(textOf(args, "channel") ?? "");
  if (channel === undefined) return refuse("channel_not_found");
  const message = workspace.messages.find(channel.id, textOf(args, "ts") ?? "");
  if (message === undefined || message.ephemeralFor !== undefined) return refuse("message_not_found");
  return message.user === IDENTITY.botUser ? message : refuse(notOwn);
}

function write(call: ApiCall, channel: Channel, ephemeralFor: string | undefined): Message | ApiReply {
  const { workspace, args } = call;
  const violations = validate("message", args);
  if (violations.length > 0) return invalid(violations);
  const wrong = wrongMetadata(args);
  if (wrong !== undefined) return wrong;
  const message = workspace.messages.post({
    channel: channel.id,
    text: textOf(args, "text") ?? "",
    blocks: objectsOf(args, "blocks"),
    metadata: metadataOf(args),
    threadTs: textOf(args, "thread_ts"),
    ephemeralFor,
  });
  attach(call, message);
  return message;
}

function wrongMetadata(args: Json): ApiReply | undefined {
  const metadata = args["metadata"];
  if (metadata === undefined) return undefined;
  const good = isJson(metadata) && typeof metadata["event_type"] === "string" && isJson(metadata["event_payload"]);
  return good ? undefined : refuse("invalid_metadata_format");
}

/** Counts the message as an answer: exactly where it names the trigger, else by its request or its place. */
function attach({ workspace }: ApiCall, message: Message): void {
  const { interactions, triggers } = workspace;
  const trigger = answerFacts(message.metadata)?.trigger;
  const named = trigger === undefined ? undefined : triggers.interactionOf(trigger);
  const interaction = named === undefined ? interactions.guess(message) : interactions.find(named);
  if (interaction !== undefined && interaction.channel === message.channel) interactions.attach(interaction, message);
}

function shown({ edits: _edits, ephemeralFor: _for, channel: _channel, ...message }: Message): Json {
  return message;
}
