import { parseWords, problemView, requestIdFor, tokenize, type CommandContext, type View } from "@quarterdeck/commands";
import { absent, present, put } from "@quarterdeck/etcd";
import { problemOf, type Actor } from "@quarterdeck/model";
import type { BotParts } from "./bot-parts.ts";
import { beginCommand } from "./follow-command.ts";
import { acceptedText, bodyMetadata, dropNote, followInMessage } from "./follow-in-message.ts";
import { deliveryKey, noteKey, ownerKey, type Note } from "./note.ts";
import type { MessageBody, MessageRef, Respond } from "./ports.ts";
import { renderView } from "./render-view.ts";
import { suggestNext } from "./suggest-next.ts";

/** A slash command or a pressed button, as Slack delivered it. */
export type Typed = {
  readonly text: string;
  readonly trigger: string;
  readonly user: { readonly id: string; readonly name: string };
  readonly channel: string;
  /** A pressed Refresh replaces the message it stands under. */
  readonly replace: boolean;
};

/**
 * Answers what somebody typed: reads and slips privately and once; changes in the channel, in one message that is accepted first and
 * edited until the end.
 */
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
    return privately(await (await beginCommand(words, context, signal)).end(() => {}), words);
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
  const begun = await beginCommand(words, context, signal);
  if (begun.refusal !== null) {
    // Nothing was asked of the engine and nothing changed: a slip of the keyboard is nobody else's business.
    await privately(begun.refusal);
    return dropNote(note, parts, signal);
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
    await privately(await begun.end(() => {}), words);
    return dropNote(note, parts, signal);
  }
  const placed: Note = { ...note, ts: ref.ts };
  await parts.etcd.transact(
    { when: [present(ownerKey(note.trigger))], then: [put(noteKey(note.trigger), placed)] },
    signal,
  );
  await followInMessage({ note: placed, context, begun }, parts, signal);
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
