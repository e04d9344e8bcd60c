import { z } from "zod";
import { machineIdSchema, timestampSchema } from "./ids.ts";
import { reasonSchema } from "./reason.ts";
import { versioned } from "./versioned.ts";

/** `brake`: there while the brake is on or a release of it is in force. @see architecture.md §4 rule 4 */
export const brakeSchema = versioned({
  /** `null`: it is not on. */
  on: z.object({ since: timestampSchema, reason: reasonSchema }).nullable(),
  /** A person has looked at the mishap. It holds for these machines, those that were gone then; each leaves it when it is back. */
  release: z
    .object({ at: timestampSchema, by: z.string(), why: z.string().min(1), machines: z.array(machineIdSchema) })
    .nullable(),
});
export type Brake = z.infer<typeof brakeSchema>;
