import type { Actor } from "@quarterdeck/model";

/** Who it was, for people: the Slack user that the bot spoke for, or the certificate's name. */
export function actorName(actor: Actor): string {
  return actor.slack === null ? actor.principal : `@${actor.slack.userName}`;
}
