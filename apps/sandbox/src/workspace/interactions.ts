import { type Bus, until } from "./bus.ts";
import type { Json } from "./json.ts";
import type { MessageStore } from "./message-store.ts";
import { answerFacts, type Message } from "./message.ts";
import type { WorkspaceEvent } from "./workspace-event.ts";

/** One thing a person did, from the press of the key to the last word of the answer. */
export type Interaction = {
  readonly id: string;
  readonly kind: "command" | "action" | "view";
  readonly user: string;
  readonly channel: string;
  readonly text: string;
  ackMs: number | null;
  ack: unknown;
  error: string | undefined;
  readonly requests: Set<string>;
  readonly messages: Set<string>;
  readonly views: string[];
};

/** What the control API says of an interaction, as of now. */
export type Answer = {
  readonly id: string;
  readonly ackMs: number | null;
  readonly ack: unknown;
  readonly error?: string;
  readonly done: boolean;
  readonly exitCode: number | null;
  readonly responses: readonly Message[];
};

/** Older ones are forgotten. */
const KEPT = 1_000;

/** Knows which message answers whom. */
export class Interactions {
  readonly #all = new Map<string, Interaction>();
  readonly #messages: MessageStore;
  readonly #bus: Bus<WorkspaceEvent>;

  constructor(messages: MessageStore, bus: Bus<WorkspaceEvent>) {
    this.#messages = messages;
    this.#bus = bus;
  }

  open(about: Pick<Interaction, "id" | "kind" | "user" | "channel" | "text">): Interaction {
    const interaction: Interaction = {
      ...about,
      ackMs: null,
      ack: null,
      error: undefined,
      requests: new Set(),
      messages: new Set(),
      views: [],
    };
    this.#all.set(interaction.id, interaction);
    for (const id of [...this.#all.keys()].slice(0, -KEPT)) this.#all.delete(id);
    return interaction;
  }

  find(id: string): Interaction | undefined {
    return this.#all.get(id);
  }

  /** Counts a message among the answers of an interaction, and remembers which request it speaks of. */
  attach(interaction: Interaction, message: Message): void {
    interaction.messages.add(message.ts);
    const request = answerFacts(message.metadata)?.request;
    if (request !== undefined) interaction.requests.add(request);
    this.#bus.publish({ type: "interaction", id: interaction.id });
  }

  /**
   * Finds the interaction that a message of the bot answers when neither a response_url nor a trigger says so: by the
   * request it names, else the oldest one of the channel that waits for its last word and has named no request yet.
   * A message whose metadata speaks of something else answers nobody.
   */
  guess(message: Message): Interaction | undefined {
    const facts = answerFacts(message.metadata);
    if (message.metadata !== undefined && facts?.request === undefined && facts?.final === undefined) return undefined;
    const all = [...this.#all.values()];
    const named =
      facts?.request === undefined ? undefined : all.find(({ requests }) => requests.has(facts.request ?? ""));
    return (
      named ??
      all.find(
        (waiting) => waiting.channel === message.channel && waiting.requests.size === 0 && !this.answer(waiting).done,
      )
    );
  }

  /** Notes the acknowledgement, or what Slack shows for want of one. */
  settle(
    interaction: Interaction,
    outcome: { readonly ackMs: number; readonly ack: unknown; readonly error?: string },
  ): void {
    interaction.ackMs = outcome.ackMs;
    interaction.ack = outcome.ack;
    interaction.error = outcome.error;
    this.#bus.publish({ type: "interaction", id: interaction.id });
  }

  answer(interaction: Interaction): Answer {
    const responses = [...interaction.messages].flatMap((ts) => this.#messages.find(interaction.channel, ts) ?? []);
    const facts = responses.map((message) => answerFacts(message.metadata));
    const last = facts.findLast((fact) => fact?.final === true);
    const unmarked = facts.length > 0 && facts.every((fact) => fact === undefined);
    const viewOnly = facts.length === 0 && interaction.views.length > 0;
    return {
      id: interaction.id,
      ackMs: interaction.ackMs,
      ack: interaction.ack,
      ...(interaction.error === undefined ? {} : { error: interaction.error }),
      done: last !== undefined || unmarked || viewOnly || interaction.error === "dispatch_failed",
      exitCode: last?.exitCode ?? null,
      responses,
    };
  }

  /** The answer when it is done, or as it is after `ms`. */
  async wait(interaction: Interaction, ms: number, signal: AbortSignal): Promise<Answer> {
    await until(this.#bus, () => this.answer(interaction).done, ms, signal);
    return this.answer(interaction);
  }
}

/** The body of an acknowledgement that is itself a message; undefined for an empty one. */
export function ackMessage(ack: unknown): Json | undefined {
  if (typeof ack === "string" && ack !== "") return { text: ack };
  if (typeof ack !== "object" || ack === null) return undefined;
  const body: Json = { ...ack };
  return body["text"] === undefined && body["blocks"] === undefined ? undefined : body;
}
