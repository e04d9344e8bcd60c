import type { AuditEntry, AuditSeal, Sha256, Timestamp } from "@quarterdeck/model";
import type { Snapshot, Transaction } from "../client.ts";
import type { Entry } from "../keyspace/key.ts";
import { keys } from "../keyspace/keys.ts";
import { absent, modRevisionIs } from "../transaction/condition.ts";
import { put, remove } from "../transaction/operation.ts";
import { seal, type AuditSigner } from "./audit-signer.ts";
import { hashEntry } from "./hash-entry.ts";
import { unsignedHeadKey } from "./unsigned-head.ts";

/** What happened; the chain adds the rest. `at` is the writer's clock. */
export type AuditFacts = Omit<AuditEntry, "v" | "sequence" | "previous" | "clock">;

/** The prefixes and keys that a view must hold for {@link appendAudit}. */
export const AUDIT_TAIL = ["audit/chain/", unsignedHeadKey.path] as const;

/**
 * The next entry of the audit log and its signed head, to be joined with the transaction of the act itself: it commits only while the head is the
 * one in `view`, so that the chain has no fork and no gap. In a log of an engine that did not sign, and behind a head that no engine of this cluster
 * signed, the entry goes on behind the last one, and it is known to be signed from there on only.
 */
export function appendAudit(view: Snapshot, facts: AuditFacts, signer: AuditSigner): Transaction {
  const head = view.get(keys.auditHead());
  const unsigned = head === null ? view.get(unsignedHeadKey) : null;
  const last = head?.value ?? unsigned?.value ?? null;
  const sequence = (last?.sequence ?? 0) + 1;
  const { at, ...rest } = facts;
  const signed = head !== null && signer.vouches(head.value) ? head : null;
  const time = timeAfter(signed, at);
  const entry = unmistakable(
    put(keys.audit(sequence), {
      v: 1,
      sequence,
      ...time,
      ...rest,
      previous: (last?.hash ?? null) as Sha256 | null,
    }),
  );
  const hash = hashEntry(entry.json);
  const signedFrom = signed?.value.signedFrom ?? sequence;
  const key = keys.auditHead();
  return {
    when: [
      head === null ? absent(key) : modRevisionIs(head),
      absent(keys.audit(sequence)),
      ...(unsigned === null ? [] : [modRevisionIs(unsigned)]),
    ],
    then: [
      entry,
      put(key, seal(signer, "head", { sequence, hash, at: time.at, signedFrom })),
      ...(unsigned === null ? [] : [remove(unsigned)]),
    ],
  };
}

/** A new leader's clock may be behind the last one's: time in the log stands still until it has caught up. */
function timeAfter(
  head: Entry<AuditSeal> | null,
  at: Timestamp,
): { readonly at: Timestamp; readonly clock?: Timestamp } {
  return head === null || at >= head.value.at ? { at } : { at: head.value.at, clock: at };
}

/**
 * Bytes that are no UTF-8 are read as U+FFFD, so that one in the text could be exchanged for them unseen: it is written as an escape, and a
 * reader takes one that is not for a damaged entry.
 */
function unmistakable<Put extends { readonly json: string }>(operation: Put): Put {
  return { ...operation, json: operation.json.replaceAll("\ufffd", String.raw`\ufffd`) };
}
