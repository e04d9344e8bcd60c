import type { Platform } from "../platform.ts";
import { until } from "../workspace/bus.ts";
import type { User } from "../workspace/directory.ts";
import { IDENTITY } from "../workspace/identity.ts";
import type { View } from "../workspace/views.ts";

/** How long an opened App Home waits for the bot to fill it. */
const WAIT_MS = 3_000;

/** Opens App Home for a user and returns what the bot publishes there, or what was there before; undefined when nothing is. */
export async function dispatchHome(
  { workspace, hub }: Platform,
  user: User,
  signal: AbortSignal,
): Promise<View | undefined> {
  const before = workspace.views.home(user.id)?.hash;
  const published = until(workspace.bus, () => workspace.views.home(user.id)?.hash !== before, WAIT_MS, signal);
  const eventTime = Math.trunc(workspace.now() / 1000);
  const delivery = await hub.deliver({
    type: "events_api",
    acceptsResponse: false,
    payload: () => ({
      token: "sandbox",
      team_id: IDENTITY.team,
      api_app_id: IDENTITY.app,
      type: "event_callback",
      event_id: workspace.ids.next("Ev"),
      event_time: eventTime,
      authorizations: [
        {
          enterprise_id: null,
          team_id: IDENTITY.team,
          user_id: IDENTITY.botUser,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      event: {
        type: "app_home_opened",
        user: user.id,
        channel: workspace.directory.channel(user.id)?.id,
        tab: "home",
        event_ts: workspace.ids.ts(),
        ...(before === undefined ? {} : { view: workspace.views.home(user.id) }),
      },
    }),
  });
  if (delivery.ok) await published;
  return workspace.views.home(user.id);
}
