import { z } from "zod";
import { timestampSchema } from "./ids.ts";
import { versioned } from "./versioned.ts";

/** Longest text, in characters, that a person may leave at a lock. */
export const LOCK_TEXT = { holder: 200, reason: 1_000 } as const;

const holderSchema = z.string().max(LOCK_TEXT.holder);
const reasonSchema = z.string().max(LOCK_TEXT.reason);

/** `<lock>/<lease id in hex>`: one who holds or waits. What others' tools leave there (etcdctl: nothing) is an unknown holder's. */
export const lockClaimSchema = versioned({
  holder: holderSchema,
  reason: reasonSchema,
  /** Since when it holds, or else waits, on its own clock. */
  since: timestampSchema,
});
export type LockClaimValue = z.infer<typeof lockClaimSchema>;

export const lockStealSchema = z.object({
  at: timestampSchema,
  thief: holderSchema,
  reason: reasonSchema,
  /** `holder` null: unknown. `fence` is the create revision of the claim that was removed. */
  victim: z.object({ key: z.string(), fence: z.string().regex(/^[0-9]{1,19}$/), holder: holderSchema.nullable() }),
});
export type LockSteal = z.infer<typeof lockStealSchema>;

/** `<lock>` itself: who took it from whom, the last first. */
export const lockRecordSchema = versioned({ steals: z.array(lockStealSchema) });
export type LockRecord = z.infer<typeof lockRecordSchema>;
