import type { Timestamp } from "@quarterdeck/model";
import { appendAudit, AUDIT_TAIL, type AuditFacts } from "../audit/append-audit.ts";
import type { AuditLog, StoredText } from "../audit/audit-log.ts";
import { seal, type AuditSigner } from "../audit/audit-signer.ts";
import { hashEntry } from "../audit/hash-entry.ts";
import type { EtcdClient } from "../client.ts";
import { keys } from "../keyspace/keys.ts";

const signal = AbortSignal.timeout(120_000);

/** Facts of one act, an hour after the one of `hour - 1`, with text that must survive: quotes, a line end, a mark that some readers end a line at. */
export function factsOf(hour: number, more: Partial<AuditFacts> = {}): AuditFacts {
  return {
    at: new Date(Date.UTC(2026, 10, 1, hour)).toISOString() as Timestamp,
    actor: null,
    request: null,
    act: "machine-lost",
    subjects: [`m${hour}`],
    outcome: `applied: "${hour}"\u2028naïve\n`,
    ...more,
  };
}

/** Appends one entry as a leader does, without a term. */
export async function append(etcd: EtcdClient, facts: AuditFacts, signer: AuditSigner): Promise<boolean> {
  const view = await etcd.snapshot(AUDIT_TAIL, signal);
  return (await etcd.transact(appendAudit(view, facts, signer), signal)).committed;
}

/** What the tests damage: the same as an {@link AuditLog}, its entries in an array. */
export type Story = Omit<AuditLog, "entries"> & { readonly entries: readonly StoredText[] };

/** A whole chain with correct hashes by one signer; what an attacker with that key would write. */
export function forge(facts: readonly AuditFacts[], signer: AuditSigner): Story {
  const entries: StoredText[] = [];
  let head: string | null = null;
  let previous: string | null = null;
  for (const [index, { at, ...rest }] of facts.entries()) {
    const sequence = index + 1;
    const json = JSON.stringify({ v: 1, sequence, at, ...rest, previous });
    const hash = hashEntry(json);
    entries.push({ path: keys.audit(sequence).path, json });
    head = JSON.stringify(seal(signer, "head", { sequence, hash, at, signedFrom: 1 }));
    previous = hash;
  }
  return { revision: 1n, head, anchor: null, unsignedHead: null, entries };
}
