import type { Condition, Operation, Transaction } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";

/**
 * A condition that a transaction's own effect makes false, so that what is sent twice takes effect once: `unchanged` since a revision, of the
 * `generation` that was created at one (and is deleted), or `absent`. The first two never hold again once they are false.
 */
export type Guard = { readonly path: string } & (
  | { readonly kind: "unchanged"; readonly since: Revision }
  | { readonly kind: "generation"; readonly since: Revision }
  | { readonly kind: "absent" }
);

/** The strongest guard there is, or null: then a transaction must not be sent twice. */
export function guardOf({ when, then }: Pick<Transaction, "when" | "then">): Guard | null {
  if (when.length === 0) return null;
  const written = new Map(then.map((operation) => [operation.path, operation]));
  const guards = when.map((condition) => guardBy(condition, written.get(condition.path)));
  return guards.reduce((best, guard) => (rank(guard) > rank(best) ? guard : best), null);
}

function guardBy(condition: Condition, operation: Operation | undefined): Guard | null {
  if (operation === undefined) return null;
  const { path } = condition;
  const since = "is" in condition ? condition.is : 0n;
  // Revision 0 is etcd's way to say that there is no such key.
  if (condition.kind !== "present" && since === 0n) return operation.kind === "put" ? { kind: "absent", path } : null;
  if (condition.kind === "modRevision") return { kind: "unchanged", path, since };
  return condition.kind === "createRevision" && operation.kind === "delete"
    ? { kind: "generation", path, since }
    : null;
}

function rank(guard: Guard | null): number {
  if (guard === null) return 0;
  return guard.kind === "absent" ? 1 : 2;
}
