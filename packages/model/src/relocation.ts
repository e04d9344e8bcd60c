import { z } from "zod";
import { machineIdSchema, relocationIdSchema, requestIdSchema, timestampSchema, unitNameSchema } from "./ids.ts";
import { reasonSchema } from "./reason.ts";
import { versioned } from "./versioned.ts";

/** One unit's way from machine to machine, or that of units that MachineOf ties together. */
export const moveSchema = z.object({
  /** At least one; all of them go, or none. */
  units: z.array(unitNameSchema).min(1),
  from: machineIdSchema,
  /** `null` while nobody has chosen. A unit that is stopped first may end elsewhere: the placing chooses once more, in the same way. */
  to: machineIdSchema.nullable(),
  /**
   * `start-first`: the old copy is stopped once the new one does well. `stop-first`: for units of which there must never be two copies.
   * `null` before the move begins.
   */
  order: z.enum(["start-first", "stop-first"]).nullable(),
  /** `moving` is written ahead, with the entries that begin it; `stays`: it was not begun, or could not be. */
  state: z.enum(["pending", "moving", "done", "stays", "failed"]),
  startedAt: timestampSchema.nullable(),
  /** One of its units did not do well before: nobody waits for it to do better where it goes. */
  sick: z.boolean(),
  reason: reasonSchema.nullable(),
  /** Of one that stays, what the other machines said; not more than {@link MAX_REFUSALS}. */
  refusals: z.array(z.object({ machine: machineIdSchema, reason: reasonSchema })),
});
export type Move = z.infer<typeof moveSchema>;

/** Enough to see why; a reason of each of a thousand machines for each unit would not fit a value of etcd. */
export const MAX_REFUSALS = 16;

/** `relocations/<id>`: units that an operator has moved, one move after the other; each is written here before it begins. */
export const relocationSchema = versioned({
  id: relocationIdSchema,
  kind: z.enum(["drain", "rebalance"]),
  /** The machine that is drained. */
  machine: machineIdSchema.nullable(),
  /** At most so many moves; `null` for as many as it takes. */
  max: z.int().min(1).nullable(),
  /** `ordered`: the moves are not planned yet. `failed`: a move failed, and those behind it were not begun. */
  state: z.enum(["ordered", "running", "done", "failed"]),
  moves: z.array(moveSchema),
  reason: reasonSchema,
  request: requestIdSchema,
  by: z.string(),
  startedAt: timestampSchema,
  endedAt: timestampSchema.nullable(),
});
export type Relocation = z.infer<typeof relocationSchema>;
