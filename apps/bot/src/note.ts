import type { Key, KeyRange } from "@quarterdeck/etcd";
import { versioned } from "@quarterdeck/model";
import { z } from "zod";

/**
 * `bot/messages/<trigger>`: a command under way and the message that follows it, so that the other replica can go on when this one dies.
 * Written before the request, gone when the message is final.
 */
export const noteSchema = versioned({
  trigger: z.string(),
  words: z.array(z.string()),
  textBlock: z.string().nullable(),
  user: z.object({ id: z.string(), name: z.string() }),
  channel: z.string(),
  /** Empty until the message is posted. */
  ts: z.string(),
  at: z.string(),
});
export type Note = z.infer<typeof noteSchema>;

/** `bot/owners/<trigger>`: which replica follows the command; hangs on its lease. */
export const ownerSchema = versioned({ replica: z.string() });
export type Owner = z.infer<typeof ownerSchema>;

export const noteKey = (trigger: string): Key<Note> => ({
  path: `bot/messages/${segmentOf(trigger)}`,
  schema: noteSchema,
});
export const ownerKey = (trigger: string): Key<Owner> => ({
  path: `bot/owners/${segmentOf(trigger)}`,
  schema: ownerSchema,
});
/** `bot/deliveries/<trigger>`: a command was taken; a second delivery of it, to either replica, finds the key and does nothing. */
export const deliveryKey = (trigger: string): Key<Owner> => ({
  path: `bot/deliveries/${segmentOf(trigger)}`,
  schema: ownerSchema,
});

export const noteRange: KeyRange<Note> = {
  path: "bot/messages/",
  segments: ["bot", "messages", null],
  schema: noteSchema,
};

/** A trigger id comes from the network: only these characters may become part of a key. */
function segmentOf(trigger: string): string {
  return trigger.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, 128);
}
