import { ERROR_CODES, type ErrorCode, type ExitCode } from "./error-codes.ts";
import type { Problem } from "./problem.ts";

/** The one base of everything thrown on purpose: a broken promise with a code from the closed table. */
export class CodedError extends Error {
  override readonly name: string = "CodedError";
  readonly code: ErrorCode;
  readonly problem: Problem;

  constructor(code: ErrorCode, fields: Omit<Problem, "code">, options?: ErrorOptions) {
    super(fields.message, options);
    this.code = code;
    this.problem = { code, ...fields };
  }

  get exitCode(): ExitCode {
    return ERROR_CODES[this.code].exitCode;
  }

  /** Whether the same call may succeed later without anyone changing anything. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** The problem in anything that was thrown; what is not a {@link CodedError} becomes `INTERNAL` with its message. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof CodedError) return thrown.problem;
  if (thrown instanceof Error && thrown.name === "AbortError") return { code: "CANCELLED", message: "cancelled" };
  return { code: "INTERNAL", message: thrown instanceof Error ? thrown.message : String(thrown) };
}
