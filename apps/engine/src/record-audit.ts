import { absent, keys, modRevisionIs, put, type Snapshot, type Transaction } from "@quarterdeck/etcd";
import type { AuditEntry, Sha256 } from "@quarterdeck/model";
import { auditHeadKey } from "./audit-head.ts";
import { hashText } from "./hash-text.ts";

export type AuditFacts = Omit<AuditEntry, "v" | "sequence" | "previous">;

/** The next entry of the audit chain and its head, to be committed with the act itself. */
export function recordAudit(view: Snapshot, facts: AuditFacts): Transaction {
  const head = view.get(auditHeadKey);
  const sequence = (head?.value.sequence ?? 0) + 1;
  const entry = put(keys.audit(sequence), {
    v: 1,
    sequence,
    ...facts,
    previous: (head?.value.hash ?? null) as Sha256 | null,
  });
  const hash = entry.kind === "put" ? hashText(entry.json) : "";
  return {
    when: [
      head === null ? absent(auditHeadKey) : modRevisionIs(auditHeadKey, head.modRevision),
      absent(keys.audit(sequence)),
    ],
    then: [entry, put(auditHeadKey, { v: 1, sequence, hash })],
  };
}
