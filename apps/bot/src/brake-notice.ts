import { keys, type Key } from "@quarterdeck/etcd";
import { timestampSchema, versioned } from "@quarterdeck/model";
import { z } from "zod";
import { ownerSchema, type Owner } from "./note.ts";

/**
 * `bot/cursors/brake`: the message that asks a person about the brake, so that a replica that takes over or starts again goes on with it and does not
 * ask twice. Of the newest mishap only.
 */
export const brakeNoticeSchema = versioned({
  /** When the brake came on, which tells one mishap from the next. */
  since: timestampSchema,
  channel: z.string(),
  /** Empty until the message is posted. */
  ts: z.string(),
  /** Mod revision of the `brake` that the message tells of, in decimal. */
  shown: z.string(),
  /** The brake went off or was released, and the message says so: it changes no more. */
  ended: z.boolean(),
});
export type BrakeNotice = z.infer<typeof brakeNoticeSchema>;

export const brakeNoticeKey: Key<BrakeNotice> = keys.bot("cursors", "brake", brakeNoticeSchema);

/** Which replica asks about the brake; hangs on its lease. No trigger id has a colon in a key. */
export const brakeOwnerKey: Key<Owner> = keys.bot("owners", "notice:brake", ownerSchema);
