import { problemOf } from "@quarterdeck/model";
import type { BotParts } from "./bot-parts.ts";
import type { AnyMessage, MessageRef } from "./ports.ts";

/**
 * Posts what somebody has noted to be about to post, and perhaps did: a replica that died, or a call whose answer was lost. Slack knows no
 * idempotency key, so the channel's newest messages are looked through for one with the same metadata, which is edited instead. Where Slack does not
 * let us look (the scope is missing), it is posted: asked twice is better than never.
 */
export async function postOnce(
  channel: string,
  body: AnyMessage,
  { messenger, log }: Pick<BotParts, "messenger" | "log">,
): Promise<MessageRef> {
  const found = await look(channel, body, { messenger, log });
  if (found === null) return messenger.post(channel, body);
  log.info({ ...found }, "a message that was posted and never noted is taken over");
  await messenger.update(found, body);
  return found;
}

async function look(
  channel: string,
  { metadata }: AnyMessage,
  { messenger, log }: Pick<BotParts, "messenger" | "log">,
): Promise<MessageRef | null> {
  try {
    return await messenger.find(channel, metadata);
  } catch (error) {
    log.warn({ ...problemOf(error), channel }, "the channel cannot be looked through for a message of ours; posting");
    return null;
  }
}
