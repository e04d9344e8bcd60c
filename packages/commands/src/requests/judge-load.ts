import { copiesOf, isAcknowledged } from "../facts/copies-of.ts";
import { isOf, judgePlacement } from "./judge-placement.ts";
import { overtaken, whereIs } from "./judge-start.ts";
import type { UnitJudge } from "./judge-units.ts";

/** `load` is true when the machine that the unit was given has it and knows it; it is not started. */
export const judgeLoad: UnitJudge = (facts, unit, elapsedMs) => {
  const wanted = facts.units.get(unit);
  if (wanted === undefined) return overtaken(unit, "it was destroyed meanwhile");
  if (wanted.value.target === "inactive") return overtaken(unit, "it was unloaded meanwhile");
  const problem = judgePlacement(facts, unit, wanted, elapsedMs);
  if (problem !== null) return { kind: "failed", problem, culprit: null };
  const copies = copiesOf(facts, unit).filter(
    ({ live, entry }) =>
      live &&
      entry !== null &&
      isOf(entry, wanted) &&
      (entry.target.kind === "loaded" || entry.target.kind === "launched"),
  );
  if (copies.length === 0) return { kind: "waiting", detail: "is being placed" };
  for (const copy of copies) {
    if (!isAcknowledged(copy)) return { kind: "waiting", detail: `is being loaded on ${whereIs(copy)}` };
    const fault = copy.state?.problem;
    if (fault != null) return { kind: "failed", problem: fault, culprit: null };
  }
  return { kind: "true", detail: `loaded on ${copies.map(whereIs).join(", ")}` };
};
