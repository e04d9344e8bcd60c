import { CodedError } from "@quarterdeck/model";
import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { isSameMessage } from "./is-same-message.ts";
import type { AnyMessage, SlackMessenger } from "./ports.ts";

/** Posts, edits and finds through the Web API. */
export function createSlackMessenger(client: WebClient): SlackMessenger {
  return {
    async post(channel, body) {
      const answer = await attempt(`post into ${channel}`, () =>
        client.chat.postMessage({ channel, ...toSlack(body) }),
      );
      return { channel: answer.channel ?? channel, ts: answer.ts ?? "" };
    },
    async update({ channel, ts }, body) {
      await attempt(`edit ${ts} in ${channel}`, () => client.chat.update({ channel, ts, ...toSlack(body) }));
    },
    async find(channel, metadata) {
      const id = await channelId(channel, client);
      if (id === null) return null;
      const { bot_id: ours } = await attempt("say who we are", () => client.auth.test());
      const { messages = [] } = await attempt(`show the messages of ${channel}`, () =>
        client.conversations.history({ channel: id, limit: NEWEST, include_all_metadata: true }),
      );
      // Anybody's app may post whatever metadata it likes.
      const found = messages.find((message) => message.bot_id === ours && isSameMessage(message.metadata, metadata));
      return found?.ts === undefined ? null : { channel: id, ts: found.ts };
    },
  };
}

/** How far back a message is looked for that was posted a lease ago at most: Slack's own page. */
const NEWEST = 100;

/** Slack posts into a channel by its name, and reads one by its id alone; null for a name that no public channel has. */
async function channelId(channel: string, client: WebClient): Promise<string | null> {
  if (/^[CDG][A-Z0-9]+$/.test(channel)) return channel;
  const name = channel.replace(/^#/, "");
  return attempt(`list the channels, of which one is ${name}`, async () => {
    for await (const page of client.paginate("conversations.list", { exclude_archived: true, limit: 200 })) {
      const found = channelsPage.parse(page).channels.find((known) => known.name === name);
      if (found !== undefined) return found.id;
    }
    return null;
  });
}

/** @see https://docs.slack.dev/reference/methods/conversations.list */
const channelsPage = z.object({ channels: z.array(z.object({ id: z.string(), name: z.string().optional() })) });

const toSlack = ({ text, blocks, metadata }: AnyMessage) => ({
  text,
  blocks: [...blocks],
  metadata: { ...metadata, event_payload: { ...metadata.event_payload } },
});

async function attempt<Answer>(what: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    const message = `Slack refused to ${what}: ${error instanceof Error ? error.message : String(error)}`;
    throw new CodedError(
      "SLACK_REFUSED",
      { message, try: "invite the bot into the channel: /invite @fleet" },
      { cause: error },
    );
  }
}
