import { z } from "zod";
import { incarnationSchema, machineIdSchema, serviceNameSchema, sha256Schema, timestampSchema } from "./ids.ts";
import { reasonSchema } from "./reason.ts";
import { versioned } from "./versioned.ts";

/** fleet's three desired states: known · on a machine but not started · started. */
export const unitTargetSchema = z.enum(["inactive", "loaded", "launched"]);
export type UnitTarget = z.infer<typeof unitTargetSchema>;

/** `unit-files/<sha256>`: immutable; at most 256 KiB of text. */
export const unitFileSchema = versioned({ text: z.string().max(262_144) });
export type UnitFile = z.infer<typeof unitFileSchema>;

/** Where a unit came from: submitted by somebody, or replica `index` (from 1) of a service. */
export const unitOriginSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("submitted") }),
  z.object({ kind: z.literal("replica"), service: serviceNameSchema, index: z.int().min(1), release: z.int().min(1) }),
]);
export type UnitOrigin = z.infer<typeof unitOriginSchema>;

/** `units/<unit>`: what should be. Its create revision is the unit's incarnation. */
export const unitSchema = versioned({
  hash: sha256Schema,
  target: unitTargetSchema,
  /** Rises by one with every change of file, environment or target, with `start` of a failed unit and with `restart`. */
  generation: z.int().min(1),
  origin: unitOriginSchema,
  /** Handed to systemd as `Environment=` in a drop-in; `IMAGE` for replicas. */
  environment: z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/), z.string()),
  submittedAt: timestampSchema,
  /** When a person last asked for `restart`, on the engine's clock: what runs since before is restarted. */
  restartedAt: timestampSchema.optional(),
});
export type Unit = z.infer<typeof unitSchema>;

/** Moves of a unit that had failed for good where it was; holds for one generation. */
export const unitFailuresSchema = z.object({
  generation: z.int().min(1),
  /** Moves so far; each waits longer than the one before. */
  count: z.int().min(1),
  /** Where it failed, the newest last. */
  machines: z.array(machineIdSchema),
  /** Of the newest move. */
  at: timestampSchema,
});
export type UnitFailures = z.infer<typeof unitFailuresSchema>;

/** How a `RunOnce=` unit ended well; holds for one generation. */
export const unitOutcomeSchema = z.object({
  generation: z.int().min(1),
  machine: machineIdSchema,
  at: timestampSchema,
});
export type UnitOutcome = z.infer<typeof unitOutcomeSchema>;

/** `status/<unit>`: the engine's own memory of a unit. */
export const unitStatusSchema = versioned({
  incarnation: incarnationSchema,
  phase: z.enum(["unplaced", "placed", "global"]),
  machine: machineIdSchema.nullable(),
  reason: reasonSchema,
  /** One per machine that refused it; empty once it is placed. */
  refusals: z.array(z.object({ machine: machineIdSchema, reason: reasonSchema })),
  since: timestampSchema,
  /** The last machine of a unit that has none now: of equals it is chosen again. */
  lastMachine: machineIdSchema.nullish(),
  failures: unitFailuresSchema.nullish(),
  outcome: unitOutcomeSchema.nullish(),
});
export type UnitStatus = z.infer<typeof unitStatusSchema>;
