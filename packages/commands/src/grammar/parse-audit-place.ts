import type { AuditPlace } from "@quarterdeck/etcd";
import { sha256Schema } from "@quarterdeck/model";

/**
 * `57:<64 hex digits>`, as `fleet audit --verify` prints it.
 * @throws {SyntaxError} for anything else, as the grammar wants it
 */
export function parseAuditPlace(text: string): AuditPlace {
  const [, sequence, hash] = /^([1-9][0-9]{0,11}):([0-9a-fA-F]{64})$/.exec(text) ?? [];
  const parsed = sha256Schema.safeParse(hash?.toLowerCase());
  if (sequence !== undefined && parsed.success) return { sequence: Number(sequence), hash: parsed.data };
  throw new SyntaxError(
    `${JSON.stringify(text)} is no head of the audit log; write it as --verify printed it: 57:<64 hex digits>`,
  );
}
