import { CodedError } from "@quarterdeck/model";
import type { z } from "zod";

/** One fault and where it is. */
export interface Diagnostic {
  /** Keys and indices from the root, joined by dots: `storage.files.3.mode`; empty for the root itself. */
  readonly path: string;
  readonly message: string;
}

export function fromIssues(issues: readonly z.core.$ZodIssue[]): readonly Diagnostic[] {
  return issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
}

/** The error for data that a caller handed over and that cannot become a machine; its `why` lists every fault. */
export function invalidConfig(what: string, diagnostics: readonly Diagnostic[]): CodedError {
  const lines = diagnostics.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return new CodedError("INVALID_CONFIG", {
    message: `${what}: ${lines[0] ?? "invalid"}`,
    ...(lines.length > 1 ? { why: lines.join("; ") } : {}),
  });
}
