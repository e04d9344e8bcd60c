import { CodedError } from "@quarterdeck/model";
import { z } from "zod";
import type { AuditLog, StoredText } from "./audit-log.ts";
import { EXPORT_KIND } from "./export-audit.ts";

const text = z.string().nullable();
const headerSchema = z.object({
  v: z.literal(1),
  kind: z.literal(EXPORT_KIND),
  revision: z.string().regex(/^[0-9]{1,19}$/),
  head: text,
  anchor: text,
  unsignedHead: text,
});
const entrySchema = z.object({ key: z.string(), value: z.string() });

/**
 * The log that {@link exportAudit} wrote down, for {@link verifyAuditLog}, without etcd. Lines come without their newlines; empty ones do not
 * count. Lines are read as `entries` is gone through.
 * @throws {CodedError} INVALID_JSON, from `entries` too, naming the line that is not one of an export's
 */
export async function readAuditExport(lines: Iterable<string> | AsyncIterable<string>): Promise<AuditLog> {
  const numbered = numberLines(lines);
  const first = await numbered.next();
  if (first.done === true) throw notAnExport(1, "there is no line");
  const { revision, head, anchor, unsignedHead } = parse(headerSchema, first.value);
  return { revision: BigInt(revision), head, anchor, unsignedHead, entries: readEntries(numbered) };
}

type Line = { readonly number: number; readonly text: string };

async function* numberLines(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Line, undefined> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== "") yield { number, text: line };
  }
}

async function* readEntries(lines: AsyncIterable<Line>): AsyncIterable<StoredText> {
  for await (const line of lines) {
    const { key, value } = parse(entrySchema, line);
    yield { path: key, json: value };
  }
}

function parse<Value>(schema: z.ZodType<Value>, { number, text: json }: Line): Value {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch (cause) {
    throw notAnExport(number, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw notAnExport(number, z.prettifyError(parsed.error), parsed.error);
}

function notAnExport(line: number, why: string, cause?: unknown): CodedError {
  return new CodedError(
    "INVALID_JSON",
    { message: `line ${line} is not one of an audit log's export`, why, try: "fleet audit --export > audit.jsonl" },
    { cause },
  );
}
