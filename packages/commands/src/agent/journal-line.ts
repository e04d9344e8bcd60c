import { z } from "zod";

/** A line of the agent's answer to `GET /v1/journal` (application/x-ndjson). @see apps/agent */
const entrySchema = z.object({
  at: z.string(),
  message: z.string(),
  identifier: z.string(),
  pid: z.number().nullable(),
});

/** One journal entry as journalctl's short form says it, with the whole time; further lines of a message are indented. What is no entry stays as it is. */
export function journalLine(text: string): string {
  const entry = entrySchema.safeParse(parseOrNull(text));
  if (!entry.success) return text;
  const { at, message, identifier, pid } = entry.data;
  return `${at} ${identifier}${pid === null ? "" : `[${pid}]`}: ${message.replaceAll("\n", "\n    ")}`;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
