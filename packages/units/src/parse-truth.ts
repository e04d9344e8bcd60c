import { refuse, succeed, type Result } from "@quarterdeck/model";
import { unitFault } from "./unit-fault.ts";

/** systemd's spellings of a boolean and fleet's `t` and `f`, in any case. */
export function parseTruth(word: string): Result<boolean> {
  const lower = word.toLowerCase();
  if (["true", "yes", "y", "1", "on", "t"].includes(lower)) return succeed(true);
  if (["false", "no", "n", "0", "off", "f"].includes(lower)) return succeed(false);
  return refuse(unitFault(`${JSON.stringify(word)} is neither true nor false`, "write true or false"));
}
