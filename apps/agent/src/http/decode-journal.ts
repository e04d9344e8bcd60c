import { z } from "zod";

/** One journal entry as the agent hands it out, one JSON object a line. */
export type JournalLine = {
  /** RFC 3339 in UTC, of journald's own clock. */
  readonly at: string;
  readonly message: string;
  /** syslog's 0 (emergency) to 7 (debug). */
  readonly priority: number;
  /** SYSLOG_IDENTIFIER: who said it. */
  readonly identifier: string;
  readonly pid: number | null;
  readonly cursor: string;
};

/** A field is a string, bytes that are no text, several values, or null when it was too long. @see systemd's JOURNAL_EXPORT_FORMATS */
const fieldSchema = z
  .union([z.string(), z.null(), z.array(z.number()), z.array(z.union([z.string(), z.array(z.number())]))])
  .optional();

const entrySchema = z.object({
  __REALTIME_TIMESTAMP: z.string().regex(/^\d{1,20}$/),
  __CURSOR: z.string(),
  MESSAGE: fieldSchema,
  PRIORITY: fieldSchema,
  SYSLOG_IDENTIFIER: fieldSchema,
  _COMM: fieldSchema,
  _PID: fieldSchema,
});

/** Reads a line of `journalctl -o json`; `null` for what is not an entry. */
export function decodeJournal(line: string): JournalLine | null {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    // journalctl writes notices such as "-- Boot … --" between entries.
    return null;
  }
  const entry = entrySchema.safeParse(raw);
  if (!entry.success) return null;
  const priority = Number(textOf(entry.data.PRIORITY) || "6");
  const pid = Number(textOf(entry.data._PID));
  return {
    at: new Date(Number(BigInt(entry.data.__REALTIME_TIMESTAMP) / 1000n)).toISOString(),
    message: textOf(entry.data.MESSAGE),
    priority: Number.isInteger(priority) && priority >= 0 && priority <= 7 ? priority : 6,
    identifier: textOf(entry.data.SYSLOG_IDENTIFIER) || textOf(entry.data._COMM),
    pid: Number.isInteger(pid) && pid > 0 ? pid : null,
    cursor: entry.data.__CURSOR,
  };
}

function textOf(field: z.infer<typeof fieldSchema>): string {
  if (field === null || field === undefined) return "";
  if (typeof field === "string") return field;
  if (field.every((value) => typeof value === "number")) return Buffer.from(field).toString("utf8");
  return field
    .map((value) =>
      typeof value === "string" ? value : typeof value === "number" ? "" : Buffer.from(value).toString("utf8"),
    )
    .join("\n");
}
