import type { UnitTarget } from "@quarterdeck/model";
import { isCurrent, isUp, type Copy } from "../facts/copies-of.ts";

/**
 * How far a unit has come, in fleet's three words: `launched` once a machine has carried out its start, and until it has stopped; `loaded` while a machine
 * has it; else `inactive`. `copies` are all there are of it.
 */
export function deriveProgress(desired: UnitTarget, copies: readonly Copy[]): UnitTarget {
  const live = copies.filter((copy) => copy.live);
  if (desired === "launched") {
    if (live.some((copy) => copy.entry?.target.kind === "launched" && isCurrent(copy))) return "launched";
  } else if (live.some((copy) => copy.state !== null && isUp(copy.state))) return "launched";
  const had = live.some(
    ({ entry, state }) => state !== null && (entry?.target.kind === "loaded" || entry?.target.kind === "launched"),
  );
  return had ? "loaded" : "inactive";
}
