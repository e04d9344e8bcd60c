import { z } from "zod";
import { incarnationSchema, machineIdSchema, sha256Schema, timestampSchema } from "./ids.ts";
import { reasonSchema } from "./reason.ts";
import { versioned } from "./versioned.ts";

/**
 * What one machine is to do with one unit. Only an entry that says so stops a unit: `absent` stops it and takes it away, `loaded` stops it and leaves
 * it there (fleetctl's `stop`). `absentAfter` stands for a copy
 * whose machine was lost: the agent leaves it as it is (running or not, it starts nothing) until the engine turns
 * the entry to `absent`, once the replacement is healthy.
 */
export const scheduleTargetSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("launched") }),
  z.object({ kind: z.literal("loaded") }),
  z.object({ kind: z.literal("absent") }),
  z.object({ kind: z.literal("absentAfter"), replacement: machineIdSchema }),
]);
export type ScheduleTarget = z.infer<typeof scheduleTargetSchema>;

/** The certificate names that a unit may be given; each is a file's name on the machine. */
export const unitIdentitySchema = z.literal("bot");
export type UnitIdentity = z.infer<typeof unitIdentitySchema>;

/** `schedule/<machine>/<unit>`: written by the engine, read by that machine's agent alone. */
export const scheduleEntrySchema = versioned({
  incarnation: incarnationSchema,
  generation: z.int().min(1),
  hash: sha256Schema,
  environment: z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/), z.string()),
  /** Release number of a replica; `null` for a plain unit. */
  release: z.int().min(1).nullable(),
  target: scheduleTargetSchema,
  reason: reasonSchema,
  /** Of the unit's record; another time is another definition, so that a unit that runs is restarted. */
  restartedAt: timestampSchema.optional(),
  /** It may run only behind the machine's fence. */
  singleton: z.literal(true).optional(),
  /** The certificate that its machine hands to it. */
  identity: unitIdentitySchema.optional(),
});
export type ScheduleEntry = z.infer<typeof scheduleEntrySchema>;
