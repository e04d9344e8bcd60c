import { computed, effect, signal } from "@preact/signals";
import type { Channel, User } from "../../src/workspace/directory.ts";
import type { Message } from "../../src/workspace/message.ts";
import type { View } from "../../src/workspace/views.ts";
import type { WorkspaceEvent } from "../../src/workspace/workspace-event.ts";
import { read } from "./call.ts";
import { remembered } from "./remembered.ts";
import { sentCommands, type SentCommand } from "./sent-commands.ts";

export const users = signal<readonly User[]>([]);
export const channels = signal<readonly Channel[]>([]);

/** How many connections the bot holds; 0 means nobody answers. */
export const bots = signal(0);

/** Who sits at the keyboard, by name, and where they are: a channel's name, or `home` for App Home. */
export const me = remembered("me", "dev");
export const place = remembered("place", "ops");

const myId = computed(() => users.value.find(({ name }) => name === me.value)?.id ?? "");
export const channel = computed(() => channels.value.find(({ name }) => name === place.value));

/** The modals open for me, the topmost last; and my App Home. */
export const modals = signal<readonly View[]>([]);
export const home = signal<View | null>(null);

const messages = signal<ReadonlyMap<string, Message>>(new Map());

/** Channels with something new, and how much. */
export const unread = signal<ReadonlyMap<string, number>>(new Map());

/** What stands in the channel, oldest first: messages, and the commands I typed. */
export type Entry =
  | { readonly ts: string; readonly message: Message }
  | { readonly ts: string; readonly command: SentCommand };

export const entries = computed<readonly Entry[]>(() => {
  const id = channel.value?.id;
  const seen = [...messages.value.values()].filter(
    (message) => message.channel === id && (message.ephemeralFor ?? myId.value) === myId.value,
  );
  const typed = sentCommands.value.filter((command) => command.channel === place.value && command.user === me.value);
  return [
    ...seen.map((message) => ({ ts: message.ts, message })),
    ...typed.map((command) => ({ ts: command.ts, command })),
  ].toSorted((a, b) => Number(a.ts) - Number(b.ts));
});

/** Loads the workspace and follows it from then on. */
export async function startChat(): Promise<void> {
  await loadDirectory();
  const events = new EventSource("/sandbox/events");
  events.addEventListener("message", ({ data }: MessageEvent<string>) => apply(JSON.parse(data) as WorkspaceEvent));
  // After a break of the line everything may have changed.
  events.addEventListener("open", () => void loadMessages(place.value, me.value));
  events.addEventListener("error", () => (bots.value = 0));
  effect(() => {
    void loadMessages(place.value, me.value);
    void loadModals(me.value);
    unread.value = new Map([...unread.peek()].filter(([name]) => name !== place.value));
  });
}

async function loadDirectory(): Promise<void> {
  users.value = await read("/sandbox/users");
  channels.value = await read("/sandbox/channels");
}

async function loadMessages(name: string, as: string): Promise<void> {
  if (name === "home")
    return void (home.value = await read<View | null>(`/sandbox/home?user=${encodeURIComponent(as)}`));
  const path = `/sandbox/channels/${encodeURIComponent(name)}/messages?as=${encodeURIComponent(as)}`;
  const loaded = await read<readonly Message[]>(path);
  messages.value = new Map([...messages.value, ...loaded.map((message) => [key(message), message] as const)]);
}

async function loadModals(user: string): Promise<void> {
  modals.value = await read(`/sandbox/views?user=${encodeURIComponent(user)}`);
}

function apply(event: WorkspaceEvent): void {
  switch (event.type) {
    case "message":
      messages.value = new Map([...messages.value, [key(event.message), event.message]]);
      return note(event.message);
    case "deleted":
      messages.value = new Map([...messages.value].filter(([name]) => name !== key(event)));
      return;
    case "views":
      return void (event.user === myId.value && loadModals(me.value));
    case "home":
      return void (event.user === myId.value && place.value === "home" && loadMessages("home", me.value));
    case "directory":
      return void loadDirectory();
    case "connections":
      bots.value = event.count;
      return;
    case "interaction":
      return;
  }
}

function note(message: Message): void {
  const name = channels.value.find(({ id }) => id === message.channel)?.name;
  if (name === undefined || name === place.value || message.edits > 0) return;
  if (message.ephemeralFor !== undefined && message.ephemeralFor !== myId.value) return;
  unread.value = new Map([...unread.value, [name, (unread.value.get(name) ?? 0) + 1]]);
}

function key({ channel: id, ts }: { readonly channel: string; readonly ts: string }): string {
  return `${id}/${ts}`;
}
