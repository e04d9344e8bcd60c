import { render } from "preact";
import { App } from "./app.tsx";
import { startChat } from "./state/chat-state.ts";
import { startFleet } from "./state/fleet-state.ts";

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
startFleet();
void startChat();
