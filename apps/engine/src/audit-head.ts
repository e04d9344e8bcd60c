import type { Key } from "@quarterdeck/etcd";
import { sha256Schema } from "@quarterdeck/model";
import { z } from "zod";

/** `engine/audit-head`: the newest audit entry; each audited transaction compares it, so that the chain has no fork and no gap. */
export type AuditHead = { readonly v: 1; readonly sequence: number; readonly hash: string };

const auditHeadSchema: z.ZodType<AuditHead> = z.object({
  v: z.literal(1),
  sequence: z.int().min(1),
  hash: sha256Schema,
});

export const auditHeadKey: Key<AuditHead> = { path: "engine/audit-head", schema: auditHeadSchema };
