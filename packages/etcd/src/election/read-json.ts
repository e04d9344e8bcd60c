import type { z } from "zod";

/** What `schema` makes of text that anybody may have written; null when it is something else. */
export function readJson<Value>(text: string, schema: z.ZodType<Value>): Value | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return schema.safeParse(json).data ?? null;
}
