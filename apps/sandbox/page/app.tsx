import { ChannelView } from "./chat/channel-view.tsx";
import { HomeView } from "./chat/home-view.tsx";
import { ModalView } from "./chat/modal-view.tsx";
import { Sidebar } from "./chat/sidebar.tsx";
import { FleetPanel } from "./fleet/fleet-panel.tsx";
import { modals, place } from "./state/chat-state.ts";
import { notice } from "./state/notice.ts";

/** The page: a chat client on the left, the machines on the right. */
export function App() {
  const modal = modals.value.at(-1);
  return (
    <div class="page">
      <Sidebar />
      {place.value === "home" ? <HomeView /> : <ChannelView />}
      <FleetPanel />
      {modal !== undefined && <ModalView key={modal.id} view={modal} />}
      <p class="notice" role="alert" hidden={notice.value === ""}>
        {notice.value}
      </p>
    </div>
  );
}
