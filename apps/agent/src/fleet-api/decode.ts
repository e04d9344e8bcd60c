import { unitTargetSchema } from "@quarterdeck/model";
import { z } from "zod";

/** What Go leaves at its zero value where JSON has nothing. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

/**
 * The body of `PUT /units/{name}`. Unknown fields are passed over; `currentState` and `machineID` are the server's.
 * @see https://github.com/coreos/fleet, Documentation/api-v1.md, version 1.0.0
 */
export const unitBodySchema = z.object({
  name: text,
  desiredState: z
    .union([z.literal(""), unitTargetSchema], { error: "desiredState is inactive, loaded or launched" })
    .nullish()
    .transform((value) => (value === "" ? null : (value ?? null))),
  options: z
    .array(z.object({ section: text, name: text, value: text }))
    .max(10_000)
    .nullish()
    .transform((value) => value ?? []),
});
export type UnitBody = z.infer<typeof unitBodySchema>;

/** The body of `PATCH /machines`: JSON Patch; fleet 1.0 wrote a value as `{"value": "…"}`, its documentation as a string. Both are read. */
export const machinePatchSchema = z
  .array(
    z.object({
      op: text,
      path: text,
      value: z
        .union([z.string(), z.object({ value: text }).transform(({ value }) => value)])
        .nullish()
        .transform((value) => value ?? ""),
    }),
  )
  .max(1000);
export type MachinePatch = z.infer<typeof machinePatchSchema>;

/** A body as JSON of a schema, or what is wrong with it. */
export function decodeBody<Output>(
  schema: z.ZodType<Output>,
  body: string,
): { readonly ok: true; readonly value: Output } | { readonly ok: false; readonly error: string } {
  let raw: unknown;
  try {
    raw = JSON.parse(body);
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, error: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}` };
}
