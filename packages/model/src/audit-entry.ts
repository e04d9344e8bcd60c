import { z } from "zod";
import { requestIdSchema, sha256Schema, timestampSchema } from "./ids.ts";
import { actorSchema } from "./request.ts";
import { versioned } from "./versioned.ts";

/**
 * `audit/<sequence>`: append-only. `previous` is the SHA-256 of the entry before, of the UTF-8 bytes that etcd holds as its value, or null for
 * the first.
 */
export const auditEntrySchema = versioned({
  sequence: z.int().min(1),
  /** Never before the entry before it, whatever the writer's clock says. */
  at: timestampSchema,
  /** What the writer's clock said, where that lay before the entry before. */
  clock: timestampSchema.optional(),
  /** `null` when the engine acted by itself (a machine was lost, a rollout ended). */
  actor: actorSchema.nullable(),
  request: requestIdSchema.nullable(),
  /** The verb, or the engine's own act such as `machine-lost`. */
  act: z.string(),
  /** Names of units, services or machines it concerned. */
  subjects: z.array(z.string()),
  outcome: z.string(),
  /** `--reason` of whoever asked; left out where none was given. */
  why: z.string().optional(),
  previous: sha256Schema.nullable(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
