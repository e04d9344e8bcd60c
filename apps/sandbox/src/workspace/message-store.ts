import type { Bus } from "./bus.ts";
import { IDENTITY } from "./identity.ts";
import type { Ids } from "./ids.ts";
import type { Json } from "./json.ts";
import type { Message } from "./message.ts";
import type { WorkspaceEvent } from "./workspace-event.ts";

/** What a new message is made of; `user` is the bot's unless given. */
export type Draft = {
  readonly channel: string;
  readonly text: string;
  readonly blocks?: readonly Json[] | undefined;
  readonly metadata?: Json | undefined;
  readonly threadTs?: string | undefined;
  readonly ephemeralFor?: string | undefined;
  readonly user?: string;
};

/** What changes: undefined keeps; `blocks: []` takes the blocks away. */
export type Edit = {
  readonly text?: string | undefined;
  readonly blocks?: readonly Json[] | undefined;
  readonly metadata?: Json | undefined;
};

/** Every message of the workspace, in order, in memory. Each change is published. */
export class MessageStore {
  readonly #messages = new Map<string, Message>();
  readonly #ids: Ids;
  readonly #bus: Bus<WorkspaceEvent>;

  constructor(ids: Ids, bus: Bus<WorkspaceEvent>) {
    this.#ids = ids;
    this.#bus = bus;
  }

  post(draft: Draft): Message {
    const { channel, text, blocks = [], metadata, threadTs, ephemeralFor, user = IDENTITY.botUser } = draft;
    const message: Message = {
      type: "message",
      channel,
      ts: this.#ids.ts(),
      team: IDENTITY.team,
      user,
      ...(user === IDENTITY.botUser ? { bot_id: IDENTITY.bot, app_id: IDENTITY.app } : {}),
      text,
      ...(blocks.length === 0 ? {} : { blocks: this.#withIds(blocks) }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      ...(ephemeralFor === undefined ? {} : { ephemeralFor }),
      edits: 0,
    };
    return this.#keep(message);
  }

  /** As chat.update: a text without blocks takes the blocks away, blocks alone leave no "(edited)". */
  edit(old: Message, edit: Edit): Message {
    const { blocks: oldBlocks, ...rest } = old;
    const blocks = edit.blocks ?? (edit.text === undefined ? oldBlocks : undefined) ?? [];
    return this.#keep({
      ...rest,
      text: edit.text ?? old.text,
      ...(blocks.length === 0 ? {} : { blocks: this.#withIds(blocks) }),
      ...(edit.metadata === undefined ? {} : { metadata: edit.metadata }),
      ...(edit.text === undefined ? {} : { edited: { user: old.user, ts: this.#ids.ts() } }),
      edits: old.edits + 1,
    });
  }

  remove(message: Message): void {
    this.#messages.delete(key(message.channel, message.ts));
    this.#bus.publish({ type: "deleted", channel: message.channel, ts: message.ts });
  }

  /** Takes back a message that was kept from an earlier life; nothing is published. */
  restore(message: Message): void {
    this.#messages.set(key(message.channel, message.ts), message);
  }

  find(channel: string, ts: string): Message | undefined {
    return this.#messages.get(key(channel, ts));
  }

  /** The messages of a channel that `user` sees, oldest first; without a user those that everybody sees. */
  list(channel: string, user: string | undefined): readonly Message[] {
    return [...this.#messages.values()].filter((message) => message.channel === channel && isSeenBy(message, user));
  }

  #keep(message: Message): Message {
    this.#messages.set(key(message.channel, message.ts), message);
    this.#bus.publish({ type: "message", message });
    return message;
  }

  /** Slack gives every block an id; clicks name it. */
  #withIds(blocks: readonly Json[]): readonly Json[] {
    return blocks.map((block) =>
      block["block_id"] === undefined ? { ...block, block_id: this.#ids.next("b") } : block,
    );
  }
}

/** Whether a user sees a message: an ephemeral one is there for one person only. */
export function isSeenBy(message: Message, user: string | undefined): boolean {
  return message.ephemeralFor === undefined || message.ephemeralFor === user;
}

function key(channel: string, ts: string): string {
  return `${channel}/${ts}`;
}
