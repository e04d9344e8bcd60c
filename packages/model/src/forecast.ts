import { z } from "zod";
import { machineIdSchema, unitNameSchema } from "./ids.ts";
import { reasonSchema } from "./reason.ts";

/** One thing that a change would lead to first, and why. */
export const forecastSchema = z.object({
  /** `stay`: asked for, and not possible; `move`: from one machine to another, the later copy healthy before the earlier one stops where that can be. */
  step: z.enum(["place", "update", "stop", "move", "stay", "wait"]),
  units: z.array(unitNameSchema).min(1),
  from: machineIdSchema.nullable(),
  to: machineIdSchema.nullable(),
  reason: reasonSchema,
});
export type Forecast = z.infer<typeof forecastSchema>;
