import { requestIdFor, type CommandContext, type View } from "@quarterdeck/commands";
import { remove } from "@quarterdeck/etcd";
import { CodedError, problemOf } from "@quarterdeck/model";
import type { BotParts } from "./bot-parts.ts";
import type { BegunCommand } from "./follow-command.ts";
import { LiveMessage } from "./live-message.ts";
import { noteKey, ownerKey, type Note } from "./note.ts";
import type { MessageBody, MessageRef } from "./ports.ts";
import { renderView } from "./render-view.ts";
import { suggestNext } from "./suggest-next.ts";

/** A change that runs, and the note that names its message. */
export type Followed = { readonly note: Note; readonly context: CommandContext; readonly begun: BegunCommand };

/** Follows a command in the message that its note names, until the end; used by the first owner and by the one that takes over. */
export async function followInMessage(
  { note, context, begun }: Followed,
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
  await live.finish(await begun.end((progress) => live.progress(progress)));
  await dropNote(note, parts, signal);
}

/** The command is at its end: nobody has to take it over. */
export async function dropNote(note: Note, parts: BotParts, signal: AbortSignal): Promise<void> {
  await parts.etcd.transact(
    { when: [], then: [remove(noteKey(note.trigger)), remove(ownerKey(note.trigger))] },
    signal,
  );
}

export function bodyMetadata(payload: MessageBody["metadata"]["event_payload"]): MessageBody["metadata"] {
  return { event_type: "fleet_answer", event_payload: payload };
}

function withAsker(view: View, note: Note): View {
  return {
    ...view,
    blocks: [
      ...view.blocks,
      { kind: "note", tone: "neutral", text: `/fleet ${note.words.join(" ")} · asked by ${note.user.name}` },
    ],
  };
}

/** The first text of a change's message, before anything is known of its end. */
export const acceptedText = (note: Note) => `Accepted: ${note.words.join(" ")} (asked by ${note.user.name})`;
