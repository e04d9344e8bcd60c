import type { SentCommand } from "../state/sent-commands.ts";
import { Avatar } from "./avatar.tsx";
import { Moment } from "./moment.tsx";

const WORDS: Readonly<Record<SentCommand["state"], string>> = {
  sending: "sending…",
  waiting: "waiting for the answer…",
  done: "done",
  failed: "failed",
};

/** A command I typed and how it fares; others do not see it, as in Slack. */
export function CommandRow({ command: { user, text, ts, state, note } }: { readonly command: SentCommand }) {
  return (
    <article class={`row command ${state}`} aria-label={`You typed ${text}`}>
      <Avatar name={user} />
      <div class="body">
        <p class="meta">
          <strong>{user}</strong> <Moment ts={ts} />
        </p>
        <p class="typed">
          <code>{text}</code>
          <span class="state" role="status">
            {[WORDS[state], note].filter((part) => part !== "").join(" · ")}
          </span>
        </p>
      </div>
    </article>
  );
}
