import type { Message } from "../../src/workspace/message.ts";
import { Blocks } from "../blocks/block-view.tsx";
import type { Use } from "../blocks/element-view.tsx";
import { MrkdwnText } from "../blocks/mrkdwn-text.tsx";
import { send } from "../state/call.ts";
import { me, place, users } from "../state/chat-state.ts";
import { attempt } from "../state/notice.ts";
import { Avatar } from "./avatar.tsx";
import { Moment } from "./moment.tsx";

type Props = { readonly message: Message; readonly grouped: boolean };

/** One message. Blocks are shown when there are any, else the text; as in Slack, never both. */
export function MessageRow({ message, grouped }: Props) {
  const { user, ts, text, blocks = [], edited, ephemeralFor, thread_ts: thread, bot_id: bot } = message;
  const name = bot === undefined ? (users.value.find(({ id }) => id === user)?.name ?? user) : "fleet";
  const classes = ["row", grouped && "grouped", ephemeralFor && "ephemeral", thread && thread !== ts && "reply"];
  return (
    <article class={classes.filter(Boolean).join(" ")} aria-label={`${name}: ${text}`}>
      {!grouped && <Avatar name={name} bot={bot !== undefined} />}
      <div class="body">
        {!grouped && (
          <p class="meta">
            <strong>{name}</strong>
            {bot !== undefined && <span class="app-mark">app</span>} <Moment ts={ts} />
          </p>
        )}
        {ephemeralFor !== undefined && <p class="only-you">Only visible to you</p>}
        {blocks.length > 0 ? (
          <Blocks blocks={blocks} onUse={(use) => attempt(() => press(ts, use))} />
        ) : (
          <p class="prose">
            <MrkdwnText text={text} />
          </p>
        )}
        {edited !== undefined && (
          <span class="edited" title={`edited ${message.edits} times`}>
            (edited)
          </span>
        )}
      </div>
    </article>
  );
}

async function press(ts: string, { element, selected }: Use): Promise<void> {
  const { error } = await send<{ readonly error?: string }>("/sandbox/actions", {
    user: me.value,
    channel: place.value,
    ts,
    action_id: element["action_id"],
    ...(element["type"] === "button" && element["value"] !== undefined ? { value: element["value"] } : {}),
    ...(selected === undefined ? {} : { selected }),
  });
  if (error !== undefined) throw new Error(`The click was not taken: ${error}`);
}
