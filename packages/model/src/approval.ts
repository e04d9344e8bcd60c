import { z } from "zod";
import { rolloutIdSchema, timestampSchema } from "./ids.ts";
import { actorSchema } from "./request.ts";
import { versioned } from "./versioned.ts";

/** Whom an approval's key names: a Slack user's id, or a certificate's name. */
export const approverSchema = z.string().regex(/^[A-Za-z0-9_.:@-]{1,128}$/);

/** `approvals/<rollout>/<user>`: one person's word on one rollout. */
export const approvalSchema = versioned({
  rollout: rolloutIdSchema,
  actor: actorSchema,
  decision: z.enum(["approved", "rejected"]),
  why: z.string().max(1000),
  at: timestampSchema,
  /** On the engine's clock; null: as long as the rollout waits. */
  expiresAt: timestampSchema.nullable(),
});
export type Approval = z.infer<typeof approvalSchema>;
