import { type Bus, createBus } from "./bus.ts";
import { Directory } from "./directory.ts";
import { Faults } from "./faults.ts";
import { createIds, type Ids } from "./ids.ts";
import { Interactions } from "./interactions.ts";
import { Journal } from "./journal.ts";
import { MessageStore } from "./message-store.ts";
import { ResponseUrls } from "./response-urls.ts";
import { Triggers } from "./triggers.ts";
import { Views } from "./views.ts";
import type { WorkspaceEvent } from "./workspace-event.ts";

/** Everything the stand-in remembers. It knows nothing of HTTP and sockets. */
export type Workspace = {
  readonly bus: Bus<WorkspaceEvent>;
  readonly directory: Directory;
  readonly faults: Faults;
  readonly ids: Ids;
  readonly interactions: Interactions;
  readonly journal: Journal;
  readonly messages: MessageStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly responseUrls: ResponseUrls;
  readonly triggers: Triggers;
  readonly views: Views;
};

/** A fresh workspace with its default people and channels. `now` is in milliseconds since the epoch. */
export function createWorkspace(now: () => number): Workspace {
  const bus = createBus<WorkspaceEvent>();
  const ids = createIds(now);
  const messages = new MessageStore(ids, bus);
  return {
    bus,
    directory: new Directory(),
    faults: new Faults(),
    ids,
    interactions: new Interactions(messages, bus),
    journal: new Journal(now),
    messages,
    now,
    responseUrls: new ResponseUrls(ids, now),
    triggers: new Triggers(ids, now),
    views: new Views(ids, bus),
  };
}
