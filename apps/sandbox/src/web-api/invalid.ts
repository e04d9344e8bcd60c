import type { Diagnostic } from "@quarterdeck/blocks";
import type { ApiReply } from "./api-call.ts";

/** Slack's refusal of a bad payload: the first finding's code, all findings as messages. */
export function invalid(violations: readonly Diagnostic[]): ApiReply & { readonly violations: readonly Diagnostic[] } {
  return {
    ok: false,
    error: violations[0]?.code ?? "invalid_arguments",
    response_metadata: {
      messages: violations.map(({ message, pointer }) => `[ERROR] ${message} [json-pointer:${pointer}]`),
    },
    violations,
  };
}
