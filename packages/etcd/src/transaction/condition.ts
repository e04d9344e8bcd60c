import type { Condition } from "../client.ts";
import { checkPath } from "../keyspace/check-path.ts";
import type { Revision } from "../keyspace/key.ts";

type At = { readonly path: string };

/** Holds when there is no such key. */
export function absent(key: At): Condition {
  return { kind: "absent", path: checkPath(key.path) };
}

/** Holds when there is such a key. */
export function present(key: At): Condition {
  return { kind: "present", path: checkPath(key.path) };
}

/** Holds when the key was last written at this revision; an entry read before stands for its own. */
export function modRevisionIs(entry: At & { readonly modRevision: Revision }): Condition;
export function modRevisionIs(key: At, revision: Revision): Condition;
export function modRevisionIs(key: At & { readonly modRevision?: Revision }, revision?: Revision): Condition {
  return { kind: "modRevision", path: checkPath(key.path), is: revision ?? key.modRevision ?? 0n };
}

/** Holds when the key was created at this revision: it is the very one, not a later one of the same name. */
export function createRevisionIs(entry: At & { readonly createRevision: Revision }): Condition;
export function createRevisionIs(key: At, revision: Revision): Condition;
export function createRevisionIs(key: At & { readonly createRevision?: Revision }, revision?: Revision): Condition {
  return { kind: "createRevision", path: checkPath(key.path), is: revision ?? key.createRevision ?? 0n };
}
