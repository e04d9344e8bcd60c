import { useEffect, useRef, useState } from "preact/hooks";
import { me, place } from "../state/chat-state.ts";
import { attempt } from "../state/notice.ts";
import { history, say } from "../state/sent-commands.ts";

const HINT = "status · deploy · rollback · start · stop · list-units · list-machines · why · help";

/** The line to type in: Enter sends, Shift+Enter breaks the line, arrow-up walks back through what was typed. */
export function Composer() {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [back, setBack] = useState(0);
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const submit = () => {
    const words = text.trim();
    if (words === "") return;
    setText("");
    setBack(0);
    attempt(() => say(me.value, place.value, words));
  };
  const walk = (step: number) => {
    const to = Math.max(0, Math.min(history.value.length, back + step));
    setBack(to);
    setText(to === 0 ? "" : (history.value.at(-to) ?? ""));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const recalled = text === "" || back > 0;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit();
    else if (event.key === "ArrowUp" && recalled) walk(1);
    else if (event.key === "ArrowDown" && back > 0) walk(-1);
    else return;
    event.preventDefault();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="field">
        <textarea
          ref={field}
          rows={1}
          value={text}
          aria-label={`Message #${place.value}`}
          aria-describedby="composer-hint"
          placeholder={`Message #${place.value}, or type /fleet status`}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setBack(0);
          }}
          onKeyDown={onKeyDown}
        />
        <button type="submit" disabled={text.trim() === ""}>
          Send
        </button>
      </div>
      <p id="composer-hint" class="hint">
        {text.startsWith("/") ? (
          <>
            <code>/fleet</code> {HINT}
          </>
        ) : (
          <>
            as <strong>{me.value}</strong> · <kbd>Enter</kbd> sends · <kbd>↑</kbd> brings back
          </>
        )}
      </p>
    </form>
  );
}
