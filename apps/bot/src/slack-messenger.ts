import { CodedError } from "@quarterdeck/model";
import type { WebClient } from "@slack/web-api";
import type { AnyMessage, SlackMessenger } from "./ports.ts";

/** Posts and edits through the Web API. */
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
  };
}

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
