import type { Hono } from "hono";
import { dispatchMessageAction, dispatchViewAction } from "../dispatch/dispatch-action.ts";
import { dispatchCommand, isFleetCommand } from "../dispatch/dispatch-command.ts";
import type { Platform } from "../platform.ts";
import type { Interaction } from "../workspace/interactions.ts";
import { isSeenBy } from "../workspace/message-store.ts";
import type { View } from "../workspace/views.ts";
import { bodyOf, ControlError, found } from "./control-error.ts";
import { actionBody, commandBody, messageBody } from "./decode.ts";

/** Longest wait of one request; longer ones ask again. */
const LONGEST_WAIT_MS = 300_000;

/** What people do in channels: type commands, write, click; and reading what came of it. */
export function addCommandRoutes(app: Hono, platform: Platform): void {
  const { workspace } = platform;
  const { directory, interactions, messages } = workspace;
  const userOf = (name: string) => found(directory.user(name), `user ${name}`);
  const channelOf = (name: string) => found(directory.channel(name), `channel ${name}`);

  app.post("/sandbox/commands", async (context) => {
    const body = await bodyOf(context, commandBody);
    const line = { user: userOf(body.user), channel: channelOf(body.channel), text: body.text.trim() };
    if (!isFleetCommand(line.text))
      throw new ControlError(
        400,
        "UNKNOWN_COMMAND",
        `${line.text.split(/\s/)[0]} is not a valid command; try /fleet help`,
      );
    return context.json(acknowledgement(await dispatchCommand(platform, line)));
  });

  app.get("/sandbox/commands/:id", async (context) => {
    const id = context.req.param("id");
    const interaction = found(
      interactions.find(id),
      `command ${id}`,
      "use the id that POST /sandbox/commands answered",
    );
    const wait = Math.min(Number(context.req.query("waitMs") ?? 0) || 0, LONGEST_WAIT_MS);
    const answer = await interactions.wait(interaction, wait, context.req.raw.signal);
    return context.json({ ...answer, views: viewsOf(interaction) });
  });

  app.get("/sandbox/channels/:name/messages", (context) => {
    const as = context.req.query("as");
    return context.json(
      messages.list(channelOf(context.req.param("name")).id, as === undefined ? undefined : userOf(as).id),
    );
  });

  app.post("/sandbox/messages", async (context) => {
    const { user, channel, text, thread_ts: threadTs } = await bodyOf(context, messageBody);
    return context.json(messages.post({ channel: channelOf(channel).id, user: userOf(user).id, text, threadTs }));
  });

  app.post("/sandbox/actions", async (context) => {
    const body = await bodyOf(context, actionBody);
    const act = { user: userOf(body.user), actionId: body.action_id, value: body.value, selected: body.selected };
    const interaction =
      body.view_id === undefined
        ? await clickMessage(body, act)
        : await dispatchViewAction(platform, act, shownView(body.view_id, act.user.id));
    if (interaction === undefined) throw new ControlError(409, "CONFLICT", `${body.action_id} is no longer shown`);
    return context.json(acknowledgement(interaction));
  });

  async function clickMessage(
    body: { channel?: string | undefined; ts?: string | undefined },
    act: Parameters<typeof dispatchMessageAction>[1],
  ) {
    const channel = channelOf(body.channel ?? "");
    const message = messages.find(channel.id, body.ts ?? "");
    if (message === undefined || !isSeenBy(message, act.user.id))
      throw new ControlError(409, "CONFLICT", `message ${body.ts ?? ""} is no longer shown`);
    return dispatchMessageAction(platform, act, { channel, message });
  }

  function shownView(id: string, user: string): View {
    const view = workspace.views.ownerOf(id) === user ? workspace.views.find(id) : undefined;
    if (view === undefined) throw new ControlError(409, "CONFLICT", `view ${id} is no longer shown`);
    return view;
  }

  function viewsOf(interaction: Interaction): readonly View[] {
    return interaction.views.flatMap((id) => workspace.views.find(id) ?? []);
  }
}

function acknowledgement({ id, ackMs, ack, error }: Interaction) {
  return { id, ackMs, ack, ...(error === undefined ? {} : { error }) };
}
