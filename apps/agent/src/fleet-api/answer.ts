import { ERROR_CODES, problemOf, type ErrorCode, type Problem } from "@quarterdeck/model";

/** An answer of fleet's API; `body` is sent as JSON, `null` is none. */
export type Answer =
  | { readonly status: number; readonly body: unknown }
  | { readonly status: 200; readonly contentType: string; readonly text: string };

/** fleet's body of an error; without a message it is empty, never left out. */
export function failure(code: number, message = ""): Answer {
  return { status: code, body: { error: { code, message } } };
}

/** The answer to what was thrown. fleet knew no refusals by policy: those are 403, and say why in the message, which its client prints. */
export function failureOf(thrown: unknown): Answer {
  const problem = problemOf(thrown);
  return failure(statusOf(problem.code), wordsOf(problem));
}

function statusOf(code: ErrorCode): number {
  if (code === "INVALID_CERTIFICATE" || code === "INVALID_CONFIG") return 500;
  switch (ERROR_CODES[code].exitCode) {
    case 2:
      return 400;
    case 3:
      return 404;
    case 4:
      return 403;
    case 6:
    case 7:
      return 503;
    case 8:
      return 409;
    default:
      return 500;
  }
}

/** fleetctl prints one line. */
function wordsOf({ code, message, why, try: hint }: Problem): string {
  if (code === "ETCD_UNREACHABLE" || code === "ETCD_TIMEOUT") return "fleet server unable to communicate with etcd";
  const parts = [message, why, hint === undefined ? undefined : `try: ${hint}`];
  return `${code}: ${parts.filter((part) => part !== undefined).join("; ")}`;
}
