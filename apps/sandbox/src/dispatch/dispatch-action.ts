import type { Platform } from "../platform.ts";
import type { Channel, User } from "../workspace/directory.ts";
import { IDENTITY } from "../workspace/identity.ts";
import type { Interaction } from "../workspace/interactions.ts";
import { isJson, type Json } from "../workspace/json.ts";
import type { Message } from "../workspace/message.ts";
import type { View } from "../workspace/views.ts";
import { elementValue, initialValue, type Selected } from "./element-value.ts";
import { elementsOf, findElement, type Placed } from "./elements.ts";
import { channelPayload, TEAM, userPayload } from "./person.ts";

/** What a person uses in a message or a view. */
export type Act = {
  readonly user: User;
  readonly actionId: string;
  readonly value?: string | undefined;
  readonly selected?: Selected;
};

/** Uses an element of a message; undefined when the message does not show it (any more). */
export async function dispatchMessageAction(
  platform: Platform,
  act: Act,
  where: { readonly channel: Channel; readonly message: Message },
): Promise<Interaction | undefined> {
  const { message, channel } = where;
  const blocks = message.blocks ?? [];
  const used = use(platform, act, blocks);
  if (used === undefined) return undefined;
  const ephemeral = message.ephemeralFor !== undefined;
  const { ephemeralFor: _for, edits: _edits, channel: _channel, ...shown } = message;
  return deliver(platform, act, { channel, original: message.ts }, (url) => ({
    container: { type: "message", message_ts: message.ts, channel_id: channel.id, is_ephemeral: ephemeral },
    channel: channelPayload(channel),
    // Slack does not repeat ephemeral messages to the app.
    ...(ephemeral ? {} : { message: shown }),
    state: stateOf(blocks),
    response_url: url,
    actions: [used],
  }));
}

/** Uses an element of a modal or an App Home; undefined when the view does not show it (any more). */
export async function dispatchViewAction(platform: Platform, act: Act, view: View): Promise<Interaction | undefined> {
  const blocks = Array.isArray(view["blocks"]) ? view["blocks"].filter(isJson) : [];
  const used = use(platform, act, blocks);
  const channel = platform.workspace.directory.channel(`@${act.user.name}`);
  if (used === undefined || channel === undefined) return undefined;
  return deliver(platform, act, { channel, original: undefined }, () => ({
    container: { type: "view", view_id: view.id },
    view,
    actions: [used],
  }));
}

function use({ workspace }: Platform, act: Act, blocks: readonly Json[]): Json | undefined {
  const placed = findElement(blocks, act.actionId, act.value);
  if (placed === undefined) return undefined;
  const { block, element } = placed;
  const value = elementValue(element, act.selected ?? act.value);
  if (value === undefined) return undefined;
  return {
    type: element["type"],
    action_id: act.actionId,
    block_id: block["block_id"],
    action_ts: workspace.ids.ts(),
    ...value,
  };
}

async function deliver(
  { workspace, hub }: Platform,
  { user, actionId }: Act,
  { channel, original }: { readonly channel: Channel; readonly original: string | undefined },
  rest: (responseUrl: string) => Json,
): Promise<Interaction> {
  const id = workspace.ids.next("act");
  const interaction = workspace.interactions.open({
    id,
    kind: "action",
    user: user.id,
    channel: channel.id,
    text: actionId,
  });
  const trigger = workspace.triggers.issue(id, user.id, workspace.faults.take("expire-triggers") !== undefined);
  const url = workspace.responseUrls.mint({ interaction: id, channel: channel.id, user: user.id, original });
  const delivery = await hub.deliver({
    type: "interactive",
    acceptsResponse: false,
    payload: (base) => ({
      type: "block_actions",
      user: userPayload(user),
      api_app_id: IDENTITY.app,
      token: "sandbox",
      trigger_id: trigger,
      team: TEAM,
      enterprise: null,
      is_enterprise_install: false,
      ...rest(`${base}/response/${url.token}`),
    }),
  });
  workspace.interactions.settle(interaction, {
    ackMs: delivery.ackMs,
    ack: delivery.ok ? delivery.ack : null,
    ...(delivery.ok ? {} : { error: delivery.error }),
  });
  return interaction;
}

function stateOf(blocks: readonly Json[]): Json {
  const values: Record<string, Record<string, Json>> = {};
  for (const { block, element } of elementsOf(blocks))
    if (element["type"] !== "button") note(values, { block, element });
  return { values };
}

function note(values: Record<string, Record<string, Json>>, { block, element }: Placed): void {
  const blockId = String(block["block_id"]);
  (values[blockId] ??= {})[String(element["action_id"])] = { type: element["type"], ...initialValue(element) };
}
