import { absent, present, put } from "@quarterdeck/etcd";
import { problemOf } from "@quarterdeck/model";
import { commandContext } from "./answer-command.ts";
import type { BotParts } from "./bot-parts.ts";
import { beginCommand } from "./follow-command.ts";
import { acceptedText, bodyMetadata, followInMessage } from "./follow-in-message.ts";
import { noteKey, noteRange, ownerKey, type Note } from "./note.ts";
import { postOnce } from "./post-once.ts";

/**
 * Takes over what a dead replica was following: a note without an owner. The command's words are run again with the same idempotency key, so that
 * the request that is there is found and only the waiting starts anew. Ends by the signal.
 */
export async function resumeNotes(parts: BotParts, signal: AbortSignal): Promise<void> {
  await using mirror = await parts.etcd.mirror(["bot/messages/", "bot/owners/"], signal);
  for await (const _ of mirror.changes(signal)) {
    for (const { value: note } of mirror.list(noteRange)) {
      if (mirror.get(ownerKey(note.trigger)) !== null || !(await takeOver(note, parts, signal))) continue;
      parts.log.info({ trigger: note.trigger, words: note.words }, "taking over a command whose replica is gone");
      void follow(note, parts, signal);
    }
  }
}

async function takeOver(note: Note, parts: BotParts, signal: AbortSignal): Promise<boolean> {
  const { committed } = await parts.etcd.transact(
    {
      when: [absent(ownerKey(note.trigger)), present(noteKey(note.trigger))],
      then: [put(ownerKey(note.trigger), { v: 1, replica: parts.replica }, { lease: parts.leaseId() })],
    },
    signal,
  );
  return committed;
}

async function follow(note: Note, parts: BotParts, signal: AbortSignal): Promise<void> {
  try {
    const context = await commandContext(note, note.textBlock, parts);
    const placed = note.ts === "" ? await findPlace(note, parts, signal) : note;
    const begun = await beginCommand(note.words, context, signal);
    await followInMessage({ note: placed, context, begun }, parts, signal);
  } catch (error) {
    if (!signal.aborted)
      parts.log.error(
        { ...problemOf(error), trigger: note.trigger },
        "a command that was taken over could not be finished",
      );
  }
}

/** The replica died before it noted its message: it had posted it, or had not. */
async function findPlace(note: Note, parts: BotParts, signal: AbortSignal): Promise<Note> {
  const metadata = bodyMetadata({ trigger: note.trigger, final: false });
  const ref = await postOnce(note.channel, { text: acceptedText(note), blocks: [], metadata }, parts);
  const placed = { ...note, ts: ref.ts };
  await parts.etcd.transact(
    { when: [present(noteKey(note.trigger))], then: [put(noteKey(note.trigger), placed)] },
    signal,
  );
  return placed;
}
