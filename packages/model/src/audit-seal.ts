import { z } from "zod";
import { sha256Schema, timestampSchema } from "./ids.ts";
import { versioned } from "./versioned.ts";

/**
 * `audit/chain/head` and `audit/chain/anchor`: an engine's signature under one place of the audit chain. The head is the newest entry, written with
 * it; the anchor is the last entry that was exported and removed, so that a chain that begins later is not one that was cut.
 */
export const auditSealSchema = versioned({
  sequence: z.int().min(1),
  /** Of the entry, as its follower's `previous` has it. */
  hash: sha256Schema,
  /** The head: as its entry's. The anchor: when it was signed, which its certificate must have been valid at. */
  at: timestampSchema,
  /** The first entry that was signed when it was written; above 1 in a cluster that is older than signing. */
  signedFrom: z.int().min(1),
  /** Base64; of what, docs/audit.md says byte by byte. */
  signature: z.base64().min(1).max(2048),
  /** The signer's certificate in PEM. */
  certificate: z.string().min(1).max(16_384),
});
export type AuditSeal = z.infer<typeof auditSealSchema>;
