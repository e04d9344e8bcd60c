import { CodedError } from "@quarterdeck/model";
import { isSameMessage } from "../is-same-message.ts";
import type { AnyMessage, SlackMessenger } from "../ports.ts";

/** A channel that remembers what it was told, and the hands to make Slack refuse. */
export type FakeChannel = {
  /** By `ts`, oldest first: each message as it was posted and as every edit left it. */
  readonly messages: ReadonlyMap<string, readonly AnyMessage[]>;
  readonly messenger: SlackMessenger;
  /** From now on the bot is no member of it. */
  close(): void;
  open(): void;
  /** From now on the bot may not look at what is there. */
  hide(): void;
  /** Somebody deletes what there is: it can be edited no more. */
  deleteAll(): void;
};

/** Is posted to by any name; answers with the id `C-<name>`, as Slack does. */
export function createFakeChannel(): FakeChannel {
  const messages = new Map<string, AnyMessage[]>();
  const deleted = new Set<string>();
  let closed = false;
  let unreadable = false;
  const idOf = (channel: string): string => (channel.startsWith("C") ? channel : `C-${channel}`);
  return {
    messages,
    close: () => void (closed = true),
    open: () => void (closed = false),
    hide: () => void (unreadable = true),
    deleteAll: () => [...messages.keys()].forEach((ts) => deleted.add(ts)),
    messenger: {
      async post(channel, body) {
        if (closed) throw new CodedError("SLACK_REFUSED", { message: "not_in_channel" });
        const ts = String(messages.size + 1);
        messages.set(ts, [body]);
        return { channel: idOf(channel), ts };
      },
      async update({ channel, ts }, body) {
        if (!channel.startsWith("C")) throw new CodedError("SLACK_REFUSED", { message: "channel_not_found" });
        if (closed || deleted.has(ts)) throw new CodedError("SLACK_REFUSED", { message: "message_not_found" });
        messages.get(ts)?.push(body);
      },
      async find(channel, metadata) {
        if (closed || unreadable) throw new CodedError("SLACK_REFUSED", { message: "missing_scope" });
        const found = [...messages].findLast(
          ([ts, bodies]) => !deleted.has(ts) && isSameMessage(bodies.at(-1)?.metadata, metadata),
        );
        return found === undefined ? null : { channel: idOf(channel), ts: found[0] };
      },
    },
  };
}
