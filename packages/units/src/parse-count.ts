import { refuse, succeed, type Result } from "@quarterdeck/model";
import { unitFault } from "./unit-fault.ts";

/** A whole number from `least` to `most`, in decimal digits alone. */
export function parseCount(text: string, least: number, most: number): Result<number> {
  const count = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least && count <= most) return succeed(count);
  return refuse(
    unitFault(
      `${JSON.stringify(text)} is not a whole number from ${least} to ${most}`,
      `write a number, e.g. ${Math.max(least, 1)}`,
    ),
  );
}
