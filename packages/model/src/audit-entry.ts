import { z } from "zod";
import { requestIdSchema, sha256Schema, timestampSchema } from "./ids.ts";
import { actorSchema } from "./request.ts";
import { versioned } from "./versioned.ts";

/** `audit/<sequence>`: append-only; `previous` is the sha256 of the entry before, as stored, or null for the first. */
export const auditEntrySchema = versioned({
  sequence: z.int().min(1),
  at: timestampSchema,
  /** `null` when the engine acted by itself (a machine was lost, a rollout ended). */
  actor: actorSchema.nullable(),
  request: requestIdSchema.nullable(),
  /** The verb, or the engine's own act such as `machine-lost`. */
  act: z.string(),
  /** Names of units, services or machines it concerned. */
  subjects: z.array(z.string()),
  outcome: z.string(),
  previous: sha256Schema.nullable(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
