import type { UnitName, UnitTarget } from "@quarterdeck/model";
import { copiesOf, isAcknowledged, isUp, type Copy } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { overtaken, whereIs } from "./judge-start.ts";
import type { UnitJudge, UnitVerdict } from "./judge-units.ts";

/** `stop` is true when no copy runs on a machine that can be asked, and each has acknowledged; `target` is what was asked for. */
export const judgeStop: UnitJudge = (facts, unit) => {
  const asked = askedFor(facts, unit, "loaded");
  if (asked !== null) return asked;
  const copies = copiesOf(facts, unit);
  const late = copies.find(
    (copy) =>
      copy.live && ((copy.state !== null && isUp(copy.state)) || (copy.entry !== null && !isAcknowledged(copy))),
  );
  return late === undefined
    ? { kind: "true", detail: `stopped${lostNote(copies)}` }
    : { kind: "waiting", detail: `is being stopped on ${whereIs(late)}` };
};

/** `unload` is true when no machine that can be asked has it any more. */
export const judgeUnload: UnitJudge = (facts, unit) =>
  askedFor(facts, unit, "inactive") ?? judgeGone(copiesOf(facts, unit), "unloaded");

/** `destroy` is true when nobody knows the unit any more, but for machines that are lost: they stop it when they return. */
export const judgeDestroy: UnitJudge = (facts, unit) => {
  if (facts.units.has(unit)) return { kind: "waiting", detail: "is being destroyed" };
  return judgeGone(copiesOf(facts, unit), "destroyed");
};

function judgeGone(copies: readonly Copy[], word: string): UnitVerdict {
  const late = copies.find((copy) => copy.live && (copy.entry !== null || (copy.state !== null && isUp(copy.state))));
  return late === undefined
    ? { kind: "true", detail: `${word}${lostNote(copies)}` }
    : { kind: "waiting", detail: `is being stopped on ${whereIs(late)}` };
}

function askedFor(facts: Facts, unit: UnitName, target: UnitTarget): UnitVerdict | null {
  const wanted = facts.units.get(unit)?.value.target;
  if (wanted === undefined) return overtaken(unit, "it was destroyed meanwhile");
  const further = target === "loaded" && wanted === "inactive";
  return wanted === target || further ? null : overtaken(unit, `somebody asked for ${wanted} meanwhile`);
}

function lostNote(copies: readonly Copy[]): string {
  const lost = copies.filter((copy) => !copy.live);
  return lost.length === 0 ? "" : `; ${lost.map(whereIs).join(", ")} is lost and does it on return`;
}
