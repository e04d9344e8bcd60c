import type { StoredValue } from "../port.ts";

/** The same values with paths relative to the prefix that all of them have. */
export function relativeTo(prefix: string, values: readonly StoredValue[]): readonly StoredValue[] {
  return values.map(({ path, json, createRevision, modRevision }) => ({
    path: path.slice(prefix.length),
    json,
    createRevision,
    modRevision,
  }));
}
