import type { Endpoints } from "../connection/endpoints.ts";
import type { Revision } from "../keyspace/key.ts";
import { storedValueOf } from "../keyspace/read-range.ts";
import { toDecimalLease } from "../lease/lease-id.ts";
import type { PortTransaction, StoredValue } from "../port.ts";
import type { Guard } from "./guard.ts";
import { readAt } from "./read-at.ts";
import { readHistory, type PastChange } from "./read-history.ts";

export type Doubt = {
  readonly transaction: PortTransaction;
  readonly guard: Guard;
  /** What stands at the guard's key now that the second attempt was refused. */
  readonly now: StoredValue | null;
  /** etcd's revision before the first attempt was sent. */
  readonly sentAfter: Revision;
};

type Cluster = { readonly endpoints: Endpoints; readonly prefix: string };

/** `unknown`: what stands in the history may be the attempt's and may be somebody else's. */
export type Outcome =
  | { readonly kind: "refused" | "unknown" }
  | { readonly kind: "committed"; readonly revision: Revision };

const REFUSED: Outcome = { kind: "refused" };
const UNKNOWN: Outcome = { kind: "unknown" };

/**
 * Finds out whether an attempt without a reply took effect, after a later one was refused. What stands at the guard's key now does not tell: others
 * may have written over it. The one change that could have been the attempt's is looked for in the history, and what was written in that revision
 * compared with what would have been.
 * @throws {CodedError} ETCD_COMPACTED when the history is gone, ETCD_UNREACHABLE, ETCD_TIMEOUT
 */
export async function findOutcome(cluster: Cluster, doubt: Doubt, signal: AbortSignal): Promise<Outcome> {
  const { guard, now, sentAfter } = doubt;
  if (guard.kind === "absent") {
    // It may have been created by the attempt and deleted by somebody else, or never have been there.
    if (now === null) return UNKNOWN;
    if (now.createRevision <= sentAfter) return REFUSED;
    return creationOf(cluster, doubt, { until: now.createRevision }, signal);
  }
  const stands = guard.kind === "unchanged" ? now?.modRevision : now?.createRevision;
  if (stands === guard.since) return REFUSED;
  const from = (guard.since > sentAfter ? guard.since : sentAfter) + 1n;
  for await (const { revision, before, after } of readHistory(cluster.endpoints, keyOf(cluster, doubt, from), signal)) {
    if (guard.kind === "generation" && after !== null && after.createRevision === guard.since) continue;
    if (before === "unknown") return UNKNOWN;
    const was = guard.kind === "unchanged" ? before?.modRevision : before?.createRevision;
    // Somebody had changed it before the attempt was sent.
    if (was !== guard.since) return REFUSED;
    return compare(cluster, doubt, revision, signal);
  }
  return UNKNOWN;
}

/** Of all that created the key since, the first that could have been the attempt. */
async function creationOf(
  cluster: Cluster,
  doubt: Doubt,
  { until }: { readonly until: Revision },
  signal: AbortSignal,
): Promise<Outcome> {
  const created = ({ revision, after }: PastChange): boolean => after?.createRevision === revision;
  for await (const change of readHistory(cluster.endpoints, keyOf(cluster, doubt, doubt.sentAfter + 1n), signal)) {
    if (created(change)) {
      const outcome = await compare(cluster, doubt, change.revision, signal);
      if (outcome !== REFUSED) return outcome;
    }
    if (change.revision >= until) return REFUSED;
  }
  return UNKNOWN;
}

function keyOf({ prefix }: Cluster, { guard }: Doubt, from: Revision) {
  return { key: prefix + guard.path, from };
}

/** Whether all of the transaction was written in this revision, and whether that can have been nobody else. */
async function compare(
  { endpoints, prefix }: Cluster,
  { transaction }: Doubt,
  revision: Revision,
  signal: AbortSignal,
): Promise<Outcome> {
  let own = transaction.unique ?? false;
  for (const operation of transaction.then) {
    const kv = await readAt(endpoints, { key: prefix + operation.path, revision }, signal);
    if (operation.kind === "delete") {
      if (kv !== null) return REFUSED;
      continue;
    }
    const lease = operation.lease === null ? "0" : toDecimalLease(operation.lease);
    if (kv === null || BigInt(kv.mod_revision) !== revision || kv.lease !== lease) return REFUSED;
    if (storedValueOf(kv).json !== operation.json) return REFUSED;
    // A lease is one client's.
    if (lease !== "0") own = true;
  }
  return own ? { kind: "committed", revision } : UNKNOWN;
}
