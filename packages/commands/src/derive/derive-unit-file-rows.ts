import type { MachineId, Sha256, Unit, UnitName, UnitTarget } from "@quarterdeck/model";
import { copiesOf, isCurrent } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { isOutdated } from "../facts/is-outdated.ts";
import { readUnitText } from "../facts/read-unit-text.ts";
import { reasonLine } from "./reason-line.ts";

/** A row of `list-unit-files`, and its JSON: what should be of one unit. */
export type UnitFileRow = {
  readonly unit: UnitName;
  readonly hash: Sha256;
  /** It is an instance, and its text is not its template's; missing where that is not so. */
  readonly outdated?: true;
  readonly desiredState: UnitTarget;
  /** How far it has come; `null` for a global unit, which has as many answers as machines. */
  readonly state: UnitTarget | null;
  /** Where it was placed; `null` while it is nowhere, and for a global unit. */
  readonly target: MachineId | null;
  readonly global: boolean;
  /** Why it is where it is, or why nowhere; `null` before the engine has said anything. */
  readonly reason: string | null;
};

/** `texts`: the text of each unit file by hash; one that is missing counts as an empty file. By unit. */
export function deriveUnitFileRows(facts: Facts, texts: ReadonlyMap<Sha256, string>): readonly UnitFileRow[] {
  return [...facts.units]
    .map(([unit, { value }]): UnitFileRow => {
      const status = facts.statuses.get(unit)?.value;
      const global = status?.phase === "global" || readUnitText(texts.get(value.hash) ?? "").global;
      return {
        unit,
        hash: value.hash,
        ...(isOutdated(facts, unit, value.hash) ? { outdated: true as const } : {}),
        desiredState: value.target,
        state: global ? null : stateOf(facts, unit, value),
        target: global ? null : (status?.machine ?? null),
        global,
        reason: status === undefined ? null : reasonLine(status.reason),
      };
    })
    .toSorted((a, b) => a.unit.localeCompare(b.unit, "en", { numeric: true }));
}

function stateOf(facts: Facts, unit: UnitName, value: Unit): UnitTarget {
  const acted = copiesOf(facts, unit).filter((copy) => copy.live && isCurrent(copy));
  if (value.target === "launched" && acted.some((copy) => copy.entry?.target.kind === "launched")) return "launched";
  return acted.some((copy) => copy.entry?.target.kind === "launched" || copy.entry?.target.kind === "loaded")
    ? "loaded"
    : "inactive";
}
