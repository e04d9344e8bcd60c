import type { Timestamp } from "@quarterdeck/model";
import type { Snapshot, Transaction } from "../client.ts";
import { keys } from "../keyspace/keys.ts";
import type { StoredValue } from "../port.ts";
import { absent, modRevisionIs } from "../transaction/condition.ts";
import { put, remove } from "../transaction/operation.ts";
import type { AuditFault } from "./audit-fault.ts";
import { seal, type AuditSigner } from "./audit-signer.ts";
import { readAuthorities } from "./authorities.ts";
import { checkEntry, type ChainTail } from "./check-entry.ts";
import { checkSeal } from "./check-seal.ts";

export type PruneOptions = {
  /** Only entries from before are removed. */
  readonly before: Timestamp;
  /** The pruner's clock. */
  readonly at: Timestamp;
  readonly signer: AuditSigner;
  /** PEM of the cluster's authority, or of several: an anchor that none of its engines signed is not built on. */
  readonly ca: string;
};

/** The transaction, null when all entries are too young; or why the log is to be left as it is. */
export type PrunedAudit =
  | { readonly ok: true; readonly transaction: Transaction | null; readonly upTo: number }
  | { readonly ok: false; readonly fault: AuditFault };

/**
 * Takes the oldest entries out of the log, and signs the last of them as the anchor behind which it begins. `entries` are those, as stored, and then the
 * one that follows and stays. Nothing is removed from a log that was touched there: what tells of it would be lost.
 * @throws {CodedError} INVALID_CERTIFICATE when `ca` is none
 */
export function pruneAudit(view: Snapshot, entries: readonly StoredValue[], options: PruneOptions): PrunedAudit {
  const head = view.get(keys.auditHead());
  if (head === null)
    return { ok: false, fault: { code: "head-missing", sequence: null, message: "no head is signed" } };
  const anchor = view.get(keys.auditAnchor());
  const sound = anchor === null ? null : checkSeal("anchor", JSON.stringify(anchor.value), readAuthorities(options.ca));
  if (sound?.ok === false) return sound;
  const begin: ChainTail = { sequence: anchor?.value.sequence ?? 0, hash: anchor?.value.hash ?? null, at: null };
  const { signedFrom } = head.value;
  const removed: StoredValue[] = [];
  let [tail, last] = [begin, begin];
  for (const [index, stored] of entries.entries()) {
    const checked = checkEntry(stored, tail, signedFrom);
    if (!checked.ok) return checked;
    tail = checked.tail;
    const isFollower = index === entries.length - 1 || checked.tail.at === null || checked.tail.at >= options.before;
    if (isFollower) break;
    removed.push(stored);
    last = tail;
  }
  if (last.hash === null || removed.length === 0) return { ok: true, transaction: null, upTo: last.sequence };
  const key = keys.auditAnchor();
  const facts = { sequence: last.sequence, hash: last.hash, at: options.at, signedFrom };
  return {
    ok: true,
    upTo: last.sequence,
    transaction: {
      when: [anchor === null ? absent(key) : modRevisionIs(anchor), ...removed.map((entry) => modRevisionIs(entry))],
      then: [...removed.map((entry) => remove(entry)), put(key, seal(options.signer, "anchor", facts))],
    },
  };
}
