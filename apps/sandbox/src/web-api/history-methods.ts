import { flagOf, type Json, textOf } from "../workspace/json.ts";
import type { Message } from "../workspace/message.ts";
import { type ApiCall, type ApiMethod, type ApiReply, refuse, TIER } from "./api-call.ts";

/** The methods that read messages back. */
export const HISTORY_METHODS: Readonly<Record<string, ApiMethod>> = {
  "conversations.history": { token: "bot", scope: "channels:history", perMinute: TIER[3], handle: history },
};

/** @see https://docs.slack.dev/reference/methods/conversations.history */
const PAGE = { usual: 100, most: 999 } as const;

/** Newest first, by pages; what is in a thread or for one person's eyes is not in it. */
function history({ workspace, args }: ApiCall): ApiReply {
  // Unlike what posts, this takes no names.
  const id = textOf(args, "channel") ?? "";
  const channel = /^[CD]/.test(id) ? workspace.directory.channel(id) : undefined;
  if (channel === undefined) return refuse("channel_not_found");
  if (channel.im !== undefined) return refuse("missing_scope", { needed: "im:history" });
  if (!channel.botMember) return refuse("not_in_channel");
  const limit = args["limit"] === undefined ? PAGE.usual : Number(args["limit"]);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE.most) return refuse("invalid_limit");
  const before = textOf(args, "cursor") ?? "";
  if (before !== "" && !CURSOR.test(before)) return refuse("invalid_cursor");
  const asked = workspace.messages
    .list(channel.id, undefined)
    .filter(({ ts, thread_ts: thread }) => (thread === undefined || thread === ts) && isWithin(ts, args))
    .toSorted((left, right) => (left.ts < right.ts ? 1 : -1));
  const from = before === "" ? asked : asked.filter(({ ts }) => ts < before.slice(PREFIX.length));
  const page = from.slice(0, limit);
  const hasMore = page.length < from.length;
  return {
    ok: true,
    messages: page.map((message) => shown(message, flagOf(args, "include_all_metadata"))),
    has_more: hasMore,
    pin_count: 0,
    ...(hasMore ? { response_metadata: { next_cursor: `${PREFIX}${page.at(-1)?.ts ?? ""}` } } : {}),
  };
}

const PREFIX = "before_";
const CURSOR = /^before_\d+\.\d+$/;

function isWithin(ts: string, args: Json): boolean {
  const [oldest, latest] = [Number(textOf(args, "oldest") ?? "0"), Number(textOf(args, "latest") ?? "Infinity")];
  const at = Number(ts);
  if (at === oldest || at === latest) return flagOf(args, "inclusive");
  return oldest < at && at < latest;
}

/** Metadata come only where they are asked for. */
function shown(
  { edits: _edits, ephemeralFor: _for, channel: _channel, metadata, ...message }: Message,
  withMetadata: boolean,
): Json {
  return { ...message, ...(withMetadata && metadata !== undefined ? { metadata } : {}) };
}
