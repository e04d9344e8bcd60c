import { z } from "zod";
import { timestampSchema } from "./ids.ts";
import { actorSchema } from "./request.ts";
import { versioned } from "./versioned.ts";

export const freezeNameSchema = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);

/** `freezes/<name>`: a time in which nothing is deployed. */
export const freezeSchema = versioned({
  name: freezeNameSchema,
  /** A service, or null for all of them. */
  scope: z.string().min(1).max(128).nullable(),
  /** On the engine's clock. */
  from: timestampSchema,
  to: timestampSchema,
  why: z.string().max(1000),
  by: actorSchema,
});
export type Freeze = z.infer<typeof freezeSchema>;
