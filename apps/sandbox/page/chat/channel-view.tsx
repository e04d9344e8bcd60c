import { useLayoutEffect, useRef } from "preact/hooks";
import { channel, entries, type Entry, me, place } from "../state/chat-state.ts";
import { attempt } from "../state/notice.ts";
import { say } from "../state/sent-commands.ts";
import { CommandRow } from "./command-row.tsx";
import { Composer } from "./composer.tsx";
import { MessageRow } from "./message-row.tsx";

/** Messages of one author within this many seconds stand together. */
const TOGETHER_SECONDS = 300;

const FIRST_WORDS = ["/fleet status", "/fleet list-machines", "/fleet start hello.service", "/fleet deploy web 1.1.0"];

/** One channel: its messages, and the line to type in. */
export function ChannelView() {
  const list = useRef<HTMLDivElement>(null);
  const shown = entries.value;
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (list.current !== null && atEnd.current) list.current.scrollTop = list.current.scrollHeight;
  }, [shown]);
  useLayoutEffect(() => {
    atEnd.current = true;
  }, [place.value, me.value]);
  const onScroll = ({ currentTarget: at }: { readonly currentTarget: HTMLDivElement }) => {
    atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
  };
  return (
    <main class="channel" aria-label={`Channel ${place.value}`}>
      <header>
        <h2># {place.value}</h2>
        <p>{channel.value?.topic}</p>
      </header>
      <div
        class="messages"
        ref={list}
        onScroll={onScroll}
        role="log"
        aria-live="polite"
        aria-label={`Messages in ${place.value}`}
        tabIndex={0}
      >
        {shown.length === 0 && <Welcome />}
        {shown.map((entry, index) =>
          "message" in entry ? (
            <MessageRow key={entry.ts} message={entry.message} grouped={isTogether(shown[index - 1], entry)} />
          ) : (
            <CommandRow key={`command ${entry.command.key}`} command={entry.command} />
          ),
        )}
      </div>
      <Composer key={`${place.value} ${me.value}`} />
    </main>
  );
}

function Welcome() {
  return (
    <div class="welcome">
      <p>
        This is <strong>#{place.value}</strong>. Nothing has been said here yet. Try:
      </p>
      <ul>
        {FIRST_WORDS.map((words) => (
          <li key={words}>
            <button type="button" onClick={() => attempt(() => say(me.value, place.value, words))}>
              {words}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function isTogether(before: Entry | undefined, { message, ts }: Extract<Entry, { message: unknown }>): boolean {
  if (before === undefined || !("message" in before)) return false;
  const same = before.message.user === message.user && before.message.ephemeralFor === message.ephemeralFor;
  return same && Number(ts) - Number(before.ts) < TOGETHER_SECONDS;
}
