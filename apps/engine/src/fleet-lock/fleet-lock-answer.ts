import { CodedError, type Reason } from "@quarterdeck/model";

/** 200 is yes; whatever else is no, and the client asks again. `kind` becomes a label of Zincati's metrics: few, and never made of what was sent. */
export type FleetLockAnswer = { readonly status: number; readonly kind: string; readonly value: string };

export const GRANTED: FleetLockAnswer = { status: 200, kind: "ok", value: "" };

export function refusal(status: number, kind: string, value: string): FleetLockAnswer {
  return { status, kind, value };
}

/** "Not yet": the codes of reasons are a closed list, so they may be labels. */
export function notYet({ code, text }: Reason): FleetLockAnswer {
  return refusal(423, code.toLowerCase(), text);
}

/** Of what went wrong on the way. */
export function failureOf(error: unknown): FleetLockAnswer {
  if (error instanceof CodedError && error.retryable) return refusal(503, "unreachable", error.message);
  return refusal(500, "internal_error", "the engine's journal says more");
}
