import type { Reason } from "@quarterdeck/model";

/** A reason as one line: its code, for scripts, then its text, for people. */
export function reasonLine(reason: Reason): string {
  return reason.text === "" ? reason.code : `${reason.code}: ${reason.text}`;
}
