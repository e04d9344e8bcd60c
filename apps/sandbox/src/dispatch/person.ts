import type { Channel, User } from "../workspace/directory.ts";
import { IDENTITY } from "../workspace/identity.ts";
import type { Json } from "../workspace/json.ts";

/** The members every payload of Slack names its workspace with. */
export const TEAM: Json = { id: IDENTITY.team, domain: IDENTITY.teamDomain };

/** A user as interaction payloads show one. */
export function userPayload(user: User): Json {
  return { id: user.id, username: user.name, name: user.name, team_id: IDENTITY.team };
}

/** A channel as interaction payloads show one; direct messages are all called alike. */
export function channelPayload(channel: Channel): Json {
  return { id: channel.id, name: nameInPayload(channel) };
}

/** The name of a channel in a payload. */
export function nameInPayload(channel: Channel): string {
  return channel.im === undefined ? channel.name : "directmessage";
}
