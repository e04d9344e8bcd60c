import { CodedError, type Problem } from "@quarterdeck/model";

/** The error of anything the lab could not do on this computer; `detail` says why and what to type. */
export function labFailed(
  message: string,
  detail: Omit<Problem, "code" | "message"> = {},
  cause?: unknown,
): CodedError {
  return new CodedError("LAB_FAILED", { message, ...detail }, cause === undefined ? undefined : { cause });
}
