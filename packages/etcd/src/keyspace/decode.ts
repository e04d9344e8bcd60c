import { CodedError } from "@quarterdeck/model";
import { z } from "zod";
import type { StoredValue } from "../port.ts";
import type { Entry } from "./key.ts";
import { text } from "./text.ts";

/** What came of reading a value: the entry, or why it cannot be understood (`ETCD_NEWER_VALUE`, `ETCD_CORRUPT_VALUE`). */
export type Decoded<Value> =
  | { readonly ok: true; readonly entry: Entry<Value> }
  | { readonly ok: false; readonly error: CodedError };

type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: CodedError };

/** A stored value never changes, so each is read once per schema however often a mirror is asked. */
const cache = new WeakMap<StoredValue, { readonly schema: z.ZodType; readonly read: Read }>();

/** The one place where text from etcd becomes data; `names` are the open segments of the range that found it. */
export function decode<Value>(stored: StoredValue, schema: z.ZodType<Value>, names: readonly string[]): Decoded<Value> {
  let known = cache.get(stored);
  if (known?.schema !== schema) cache.set(stored, (known = { schema, read: readValue(stored, schema) }));
  if (!known.read.ok) return known.read;
  const { path, createRevision, modRevision } = stored;
  return { ok: true, entry: { path, names, value: known.read.value as Value, createRevision, modRevision } };
}

function readValue(stored: StoredValue, schema: z.ZodType): Read {
  if (schema === text) return { ok: true, value: stored.json };
  let raw: unknown;
  try {
    raw = JSON.parse(stored.json);
  } catch (cause) {
    return { ok: false, error: corrupt(stored.path, "not JSON", cause) };
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { ok: true, value: parsed.data };
  const newer = newerVersion(raw, parsed.error);
  return {
    ok: false,
    error:
      newer === null ? corrupt(stored.path, z.prettifyError(parsed.error), parsed.error) : tooNew(stored.path, newer),
  };
}

/** The value's `v` when it is above every version that the schema knows. */
function newerVersion(raw: unknown, error: z.ZodError): number | null {
  const version = typeof raw === "object" && raw !== null && "v" in raw ? raw.v : null;
  if (typeof version !== "number") return null;
  for (const issue of error.issues) {
    if (
      issue.path[0] === "v" &&
      issue.code === "invalid_value" &&
      issue.values.every((known) => Number(known) < version)
    )
      return version;
  }
  return null;
}

function corrupt(path: string, what: string, cause: unknown): CodedError {
  const fields = { message: `${path} holds a value that cannot be read: ${what}`, try: `fleet etcd get ${path}` };
  return new CodedError("ETCD_CORRUPT_VALUE", fields, { cause });
}

function tooNew(path: string, version: number): CodedError {
  return new CodedError("ETCD_NEWER_VALUE", {
    message: `${path} was written by a newer Quarterdeck (v ${version})`,
    why: "this process does not know that version and neither reads nor overwrites it",
    try: "update this machine",
  });
}
