import type { Change } from "../client.ts";

/** Of several changes of one key the last, in the order of those last ones. */
export function lastChangePerPath(changes: readonly Change[]): readonly Change[] {
  const last = new Map<string, Change>();
  for (const change of changes) {
    last.delete(change.path);
    last.set(change.path, change);
  }
  return [...last.values()];
}
