import { IDENTITY } from "../workspace/identity.ts";
import { type ApiMethod, TIER } from "./api-call.ts";

/** The methods that say who the caller is and let it connect. */
export const AUTH_METHODS: Readonly<Record<string, ApiMethod>> = {
  "auth.test": {
    token: "bot",
    perMinute: Infinity,
    handle: ({ base }) => ({
      ok: true,
      url: `${base}/`,
      team: IDENTITY.teamName,
      user: IDENTITY.botName,
      team_id: IDENTITY.team,
      user_id: IDENTITY.botUser,
      bot_id: IDENTITY.bot,
      is_enterprise_install: false,
    }),
  },
  "apps.connections.open": {
    token: "app",
    perMinute: TIER[3],
    handle: ({ base, tickets }) => ({
      ok: true,
      url: `${base.replace("http", "ws")}/link/?ticket=${tickets.issue()}&app_id=${IDENTITY.app}`,
    }),
  },
};
