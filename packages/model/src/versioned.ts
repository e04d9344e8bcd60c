import { z } from "zod";

/**
 * A value stored in etcd: `v` is the schema's version, so that an older process meeting a newer value refuses it
 * (`ETCD_NEWER_VALUE`) and never overwrites what it does not understand.
 */
export function versioned<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({ v: z.literal(1), ...shape });
}
