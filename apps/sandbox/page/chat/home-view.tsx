import { objectsOf } from "../../src/workspace/json.ts";
import { Blocks } from "../blocks/block-view.tsx";
import { home } from "../state/chat-state.ts";
import { attempt } from "../state/notice.ts";
import { pressInView } from "./press-in-view.ts";

/** App Home: what the bot publishes for this user. */
export function HomeView() {
  const view = home.value;
  return (
    <main class="channel" aria-label="App Home">
      <header>
        <h2>⚓ fleet</h2>
        <p>App Home</p>
      </header>
      <div class="messages home">
        {view === null ? (
          <p class="welcome">The bot has published nothing here yet.</p>
        ) : (
          <Blocks blocks={objectsOf(view, "blocks")} onUse={(use) => attempt(() => pressInView(view.id, use))} />
        )}
      </div>
    </main>
  );
}
