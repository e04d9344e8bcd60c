import type { Platform } from "../platform.ts";
import type { Channel, User } from "../workspace/directory.ts";
import { IDENTITY } from "../workspace/identity.ts";
import { ackMessage, type Interaction } from "../workspace/interactions.ts";
import { nameInPayload } from "./person.ts";
import { respond } from "./respond.ts";

/** A slash command as a person sends it. */
export type CommandLine = { readonly user: User; readonly channel: Channel; readonly text: string };

/**
 * Sends a slash command to the bot and returns when it is acknowledged or Slack has given up. An acknowledgement with a
 * text is at once the first answer.
 */
export async function dispatchCommand(platform: Platform, line: CommandLine): Promise<Interaction> {
  const { workspace, hub } = platform;
  const { user, channel, text } = line;
  const id = workspace.ids.next("cmd");
  const interaction = workspace.interactions.open({ id, kind: "command", user: user.id, channel: channel.id, text });
  const trigger = workspace.triggers.issue(id, user.id, workspace.faults.take("expire-triggers") !== undefined);
  const url = workspace.responseUrls.mint({ interaction: id, channel: channel.id, user: user.id, original: undefined });
  const [, command = "", rest = ""] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
  const delivery = await hub.deliver({
    type: "slash_commands",
    acceptsResponse: true,
    payload: (base) => ({
      token: "sandbox",
      team_id: IDENTITY.team,
      team_domain: IDENTITY.teamDomain,
      channel_id: channel.id,
      channel_name: nameInPayload(channel),
      user_id: user.id,
      user_name: user.name,
      command,
      text: rest.trimEnd(),
      api_app_id: IDENTITY.app,
      is_enterprise_install: "false",
      response_url: `${base}/response/${url.token}`,
      trigger_id: trigger,
    }),
  });
  const ack = delivery.ok ? delivery.ack : null;
  const body = ackMessage(ack);
  if (body !== undefined) respond(workspace, url, body);
  workspace.interactions.settle(interaction, {
    ackMs: delivery.ackMs,
    ack,
    ...(delivery.ok ? {} : { error: delivery.error }),
  });
  return interaction;
}

/** Whether a text is for the bot; other texts with a slash are nobody's command here. */
export function isFleetCommand(text: string): boolean {
  return text === IDENTITY.command || text.startsWith(`${IDENTITY.command} `);
}
