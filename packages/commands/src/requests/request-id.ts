import { createHash } from "node:crypto";
import { requestIdSchema, type RequestId } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";

/** A new id, or with an idempotency key always the same one: the first 32 hex digits of the key's sha256. */
export function requestIdFor(context: CommandContext): RequestId {
  const { idempotencyKey } = context;
  const id =
    idempotencyKey === undefined
      ? context.newId()
      : createHash("sha256").update(idempotencyKey).digest("hex").slice(0, 32);
  return requestIdSchema.parse(id);
}
