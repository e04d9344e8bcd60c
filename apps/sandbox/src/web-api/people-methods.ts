import type { Channel, Group, User } from "../workspace/directory.ts";
import { IDENTITY } from "../workspace/identity.ts";
import { flagOf, type Json, textOf } from "../workspace/json.ts";
import { type ApiMethod, refuse, TIER } from "./api-call.ts";

const users = { token: "bot", scope: "users:read" } as const;
const groups = { token: "bot", scope: "usergroups:read", perMinute: TIER[2] } as const;
const channels = { token: "bot", scope: "channels:read" } as const;

/** One page holds everything here; Slack marks the last one with an empty cursor. */
const LAST_PAGE = { response_metadata: { next_cursor: "" } };

/** The methods that tell who and what there is. */
export const PEOPLE_METHODS: Readonly<Record<string, ApiMethod>> = {
  "users.info": {
    ...users,
    perMinute: TIER[4],
    handle: ({ workspace, args }) => {
      const id = textOf(args, "user") ?? "";
      const user = id === IDENTITY.botUser ? BOT : workspace.directory.users.find((known) => known.id === id);
      return user === undefined ? refuse("user_not_found") : { ok: true, user: userShape(user) };
    },
  },
  "users.list": {
    ...users,
    perMinute: TIER[2],
    handle: ({ workspace }) => ({
      ok: true,
      members: [...workspace.directory.users, BOT].map(userShape),
      ...LAST_PAGE,
    }),
  },
  "usergroups.list": {
    ...groups,
    handle: ({ workspace, args }) => {
      const include = flagOf(args, "include_users");
      return { ok: true, usergroups: workspace.directory.groups.map((group) => groupShape(group, include)) };
    },
  },
  "usergroups.users.list": {
    ...groups,
    handle: ({ workspace, args }) => {
      const group = workspace.directory.groups.find(({ id }) => id === textOf(args, "usergroup"));
      return group === undefined ? refuse("no_such_subteam") : { ok: true, users: group.users };
    },
  },
  "conversations.list": {
    ...channels,
    perMinute: TIER[2],
    handle: ({ workspace }) => ({ ok: true, channels: workspace.directory.channels.map(channelShape), ...LAST_PAGE }),
  },
  "conversations.info": {
    ...channels,
    perMinute: TIER[3],
    handle: ({ workspace, args }) => {
      const id = textOf(args, "channel") ?? "";
      const channel = /^[CD]/.test(id) ? workspace.directory.channel(id) : undefined;
      return channel === undefined ? refuse("channel_not_found") : { ok: true, channel: channelShape(channel) };
    },
  },
  "conversations.open": {
    token: "bot",
    scope: "im:write",
    perMinute: TIER[3],
    handle: ({ workspace, args }) => {
      const named = args["users"];
      const [id = ""] = Array.isArray(named) ? named.map(String) : (textOf(args, "users") ?? "").split(",");
      const user = workspace.directory.users.find((known) => known.id === id);
      const channel = user && workspace.directory.channel(user.id);
      return channel === undefined ? refuse("user_not_found") : { ok: true, channel: { id: channel.id } };
    },
  },
};

const BOT: User = { id: IDENTITY.botUser, name: IDENTITY.botName, realName: "Fleet", tz: "Etc/UTC" };

function userShape({ id, name, realName, tz }: User): Json {
  return {
    id,
    team_id: IDENTITY.team,
    name,
    deleted: false,
    real_name: realName,
    tz,
    tz_label: tz,
    profile: { real_name: realName, display_name: name, team: IDENTITY.team },
    is_admin: false,
    is_owner: false,
    is_restricted: name === "guest",
    is_bot: id === IDENTITY.botUser,
    is_app_user: false,
  };
}

function groupShape({ id, name, users: members }: Group, includeUsers: boolean): Json {
  return {
    id,
    team_id: IDENTITY.team,
    is_usergroup: true,
    name,
    handle: name,
    description: "",
    is_external: false,
    user_count: members.length,
    ...(includeUsers ? { users: members } : {}),
  };
}

function channelShape({ id, name, topic, botMember, im }: Channel): Json {
  if (im !== undefined) return { id, is_im: true, user: im };
  return {
    id,
    name,
    name_normalized: name,
    is_channel: true,
    is_im: false,
    is_private: false,
    is_archived: false,
    is_member: botMember,
    topic: { value: topic, creator: "", last_set: 0 },
  };
}
