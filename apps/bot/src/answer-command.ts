import { parseWords, problemView, requestIdFor, tokenize, type CommandContext, type View } from "@quarterdeck/commands";
import type { Logger } from "@quarterdeck/daemon";
import { absent, present, put, remove, type EtcdClient } from "@quarterdeck/etcd";
import { CodedError, problemOf, type Actor } from "@quarterdeck/model";
import type { EditBudget } from "./edit-budget.ts";
import { followCommand } from "./follow-command.ts";
import { LiveMessage } from "./live-message.ts";
import { deliveryKey, noteKey, ownerKey, type Note } from "./note.ts";
import type { MessageBody, MessageRef, Respond, SlackMessenger, UserGroups } from "./ports.ts";
import { renderView } from "./render-view.ts";
import { suggestNext } from "./suggest-next.ts";

/** What every command of this replica shares. */
export type BotParts = {
  readonly etcd: EtcdClient;
  readonly base: Omit<CommandContext, "slack" | "surface" | "idempotencyKey" | "textBlock">;
  readonly messenger: SlackMessenger;
  readonly groups: UserGroups;
  readonly budget: EditBudget;
  /** Names this process in `bot/owners/`. */
  readonly replica: string;
  /** The lease of everything this replica owns. */
  readonly leaseId: () => string;
  readonly log: Logger;
};

/** A slash command or a pressed button, as Slack delivered it. */
export type Typed = {
  readonly text: string;
  readonly trigger: string;
  readonly user: { readonly id: string; readonly name: string };
  readonly channel: string;
  /** A pressed Refresh replaces the message it stands under. */
  readonly replace: boolean;
};

/** Answers what somebody typed: reads privately and once; changes in the channel, in one message that is edited until the end. */
export async function answerCommand(
  typed: Typed,
  parts: BotParts,
  respond: Respond,
  signal: AbortSignal,
): Promise<void> {
  const privately = (view: View, words: readonly string[] = []) =>
    respond(
      {
        ...renderView(view, suggestNext(words, view.exitCode)),
        metadata: bodyMetadata({ trigger: typed.trigger, final: true, exitCode: view.exitCode }),
      },
      { replace: typed.replace },
    );

  const tokens = tokenize(typed.text);
  if (!tokens.ok) return privately(problemView(tokens.error, null));
  const { words, textBlock } = tokens.value;
  const context = await commandContext(typed, textBlock, parts);
  const parsed = await parseWords(words, "slack");
  if (!parsed.ok || parsed.value.spec.access !== "mutates") {
    return privately(await followCommand(words, context, async () => {}, signal), words);
  }

  const note: Note = {
    v: 1,
    trigger: typed.trigger,
    words: [...words],
    textBlock,
    user: typed.user,
    channel: typed.channel,
    ts: "",
    at: new Date(parts.base.clock.now()).toISOString(),
  };
  try {
    if (!(await takeDelivery(note, parts, signal))) return;
  } catch (error) {
    return privately(problemView(problemOf(error), null));
  }
  const accepted: MessageBody = {
    ...renderView({ json: null, exitCode: 0, blocks: [{ kind: "note", tone: "neutral", text: acceptedText(note) }] }),
    metadata: bodyMetadata({ trigger: typed.trigger, request: requestIdFor(context), final: false }),
  };
  let ref: MessageRef;
  try {
    ref = await parts.messenger.post(typed.channel, accepted);
  } catch (error) {
    // The bot is not in the channel: the change goes on, and its end is told to the person who asked.
    parts.log.warn(
      { code: problemOf(error).code, channel: typed.channel },
      "cannot post into the channel; answering in private",
    );
    await respond(accepted);
    await privately(await followCommand(words, context, async () => {}, signal), words);
    return dropNote(note, parts, signal);
  }
  const placed: Note = { ...note, ts: ref.ts };
  await parts.etcd.transact(
    { when: [present(ownerKey(note.trigger))], then: [put(noteKey(note.trigger), placed)] },
    signal,
  );
  await followInMessage(placed, context, parts, signal);
}

/** Follows a command in the message that its note names, until the end; used by the first owner and by the one that takes over. */
export async function followInMessage(
  note: Note,
  context: CommandContext,
  parts: BotParts,
  signal: AbortSignal,
): Promise<void> {
  let ref: MessageRef = { channel: note.channel, ts: note.ts };
  const edit = async (body: MessageBody): Promise<void> => {
    try {
      await parts.messenger.update(ref, body);
    } catch (error) {
      if (!(error instanceof CodedError) || !body.metadata.event_payload.final) throw error;
      // Somebody deleted the message: the outcome is told all the same.
      parts.log.warn({ code: error.code, ref }, "the message cannot be edited; posting the end anew");
      ref = await parts.messenger.post(note.channel, body);
    }
  };
  using live = new LiveMessage({
    clock: parts.base.clock,
    budget: parts.budget,
    edit,
    report: (error) => parts.log.warn({ code: problemOf(error).code }, "progress could not be shown"),
    render: (view, final) => ({
      ...renderView(withAsker(view, note), final ? suggestNext(note.words, view.exitCode) : []),
      metadata: bodyMetadata({
        trigger: note.trigger,
        request: requestIdFor(context),
        final,
        ...(final ? { exitCode: view.exitCode } : {}),
      }),
    }),
  });
  const view = await followCommand(note.words, context, async (progress) => live.progress(progress), signal);
  await live.finish(view);
  await dropNote(note, parts, signal);
}

/** What Slack's side adds to a command: whom it speaks for, and a key that makes the request the same one when it is run again. */
export async function commandContext(
  typed: Pick<Typed, "trigger" | "user" | "channel">,
  textBlock: string | null,
  parts: BotParts,
): Promise<CommandContext> {
  const slack: NonNullable<Actor["slack"]> = {
    userId: typed.user.id,
    userName: typed.user.name,
    groups: [...(await parts.groups.of(typed.user.id))],
    channel: typed.channel,
  };
  return { ...parts.base, surface: "slack", slack, idempotencyKey: typed.trigger, textBlock };
}

/** Whether this replica is the first to see the command: Slack may deliver twice, to either replica. */
async function takeDelivery(note: Note, parts: BotParts, signal: AbortSignal): Promise<boolean> {
  const lease = parts.leaseId();
  const owner = { v: 1 as const, replica: parts.replica };
  const taken = await parts.etcd.transact(
    {
      when: [absent(deliveryKey(note.trigger))],
      then: [
        put(deliveryKey(note.trigger), owner, { lease }),
        put(ownerKey(note.trigger), owner, { lease }),
        put(noteKey(note.trigger), note),
      ],
    },
    signal,
  );
  return taken.committed;
}

async function dropNote(note: Note, parts: BotParts, signal: AbortSignal): Promise<void> {
  await parts.etcd.transact(
    { when: [], then: [remove(noteKey(note.trigger)), remove(ownerKey(note.trigger))] },
    signal,
  );
}

function bodyMetadata(payload: MessageBody["metadata"]["event_payload"]): MessageBody["metadata"] {
  return { event_type: "fleet_answer", event_payload: payload };
}

const acceptedText = (note: Note) => `Accepted: ${note.words.join(" ")} (asked by ${note.user.name})`;

function withAsker(view: View, note: Note): View {
  return {
    ...view,
    blocks: [
      ...view.blocks,
      { kind: "note", tone: "neutral", text: `/fleet ${note.words.join(" ")} · asked by ${note.user.name}` },
    ],
  };
}
