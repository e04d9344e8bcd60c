import { bots, channels, me, place, unread, users } from "../state/chat-state.ts";
import { Avatar } from "./avatar.tsx";
import { ThemeButton } from "./theme-button.tsx";

/** Where one can go, and as whom. */
export function Sidebar() {
  return (
    <nav class="sidebar" aria-label="Workspace">
      <header>
        <h1>Quarterdeck</h1>
        <ThemeButton />
      </header>
      <p class={`bot-state ${bots.value > 0 ? "up" : "down"}`} role="status">
        <span class="dot" aria-hidden="true" />
        {botWords(bots.value)}
      </p>
      <h2 id="channels-label">Channels</h2>
      <ul aria-labelledby="channels-label">
        {channels.value.map(({ name, topic }) => (
          <li key={name}>
            <Place name={name} title={topic} label={`# ${name}`} />
          </li>
        ))}
      </ul>
      <h2 id="apps-label">Apps</h2>
      <ul aria-labelledby="apps-label">
        <li>
          <Place name="home" title="Fleet's App Home" label="⚓ fleet" />
        </li>
      </ul>
      <fieldset class="people">
        <legend>You are</legend>
        {users.value.map(({ name, realName }) => (
          <label key={name} class={name === me.value ? "current" : ""}>
            <input type="radio" name="me" value={name} checked={name === me.value} onChange={() => (me.value = name)} />
            <Avatar name={name} />
            <span>
              {name}
              <small>{realName}</small>
            </span>
          </label>
        ))}
      </fieldset>
    </nav>
  );
}

function Place({ name, title, label }: { readonly name: string; readonly title: string; readonly label: string }) {
  const news = unread.value.get(name) ?? 0;
  return (
    <button
      type="button"
      class="place"
      title={title}
      aria-current={place.value === name ? "page" : undefined}
      onClick={() => (place.value = name)}
    >
      <span>{label}</span>
      {news > 0 && (
        <span class="badge">
          {news}
          <span class="hidden"> new</span>
        </span>
      )}
    </button>
  );
}

function botWords(count: number): string {
  if (count === 0) return "bot not connected";
  return count === 1 ? "bot connected" : `bot connected · ${count} sockets`;
}
