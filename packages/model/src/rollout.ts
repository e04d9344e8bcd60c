import { z } from "zod";
import {
  machineIdSchema,
  requestIdSchema,
  rolloutIdSchema,
  serviceNameSchema,
  timestampSchema,
  unitNameSchema,
} from "./ids.ts";
import { reasonSchema } from "./reason.ts";
import { deploySpecSchema } from "./service.ts";
import { versioned } from "./versioned.ts";

export const rolloutStateSchema = z.enum(["running", "done", "failed"]);
export type RolloutState = z.infer<typeof rolloutStateSchema>;

/** One replica's way through a rollout. */
export const rolloutStepSchema = z.object({
  unit: unitNameSchema,
  state: z.enum(["pending", "updating", "healthy", "failed"]),
  machine: machineIdSchema.nullable(),
  /** When the step was written ahead; the healthy deadline counts from here. */
  startedAt: timestampSchema.nullable(),
  /** Since when the new copy has been healthy without a break. */
  healthySince: timestampSchema.nullable(),
  reason: reasonSchema.nullable(),
});
export type RolloutStep = z.infer<typeof rolloutStepSchema>;

/** `rollouts/<id>`: the state machine of one deploy; each wave is written here before it is applied. */
export const rolloutSchema = versioned({
  id: rolloutIdSchema,
  service: serviceNameSchema,
  release: z.int().min(1),
  version: z.string(),
  /** The release it replaces; `null` on a first deploy. */
  previous: z.int().min(1).nullable(),
  deploy: deploySpecSchema,
  state: rolloutStateSchema,
  steps: z.array(rolloutStepSchema),
  reason: reasonSchema,
  request: requestIdSchema,
  by: z.string(),
  startedAt: timestampSchema,
  endedAt: timestampSchema.nullable(),
});
export type Rollout = z.infer<typeof rolloutSchema>;
