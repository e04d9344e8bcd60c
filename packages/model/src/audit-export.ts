import { z } from "zod";
import { sha256Schema, timestampSchema } from "./ids.ts";
import { versioned } from "./versioned.ts";

/** `audit-export`: up to where somebody has the audit log elsewhere, as they said. Only what lies before is ever removed. */
export const auditExportSchema = versioned({
  sequence: z.int().min(1),
  /** Of that entry: a log that has another one there is not the one that was exported. */
  hash: sha256Schema,
  at: timestampSchema,
  by: z.string(),
});
export type AuditExport = z.infer<typeof auditExportSchema>;
