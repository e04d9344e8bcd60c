import type { UnitName } from "@quarterdeck/model";
import type { UnitView } from "./cluster-view.ts";

/** Whom each unit makes room for itself from. Units without any are not in it. */
export type ReplacementOrder = ReadonlyMap<UnitName, readonly UnitName[]>;

/**
 * `Replaces=` without what would go round in circles: fleet ignored pairs that name each other; longer rings would have their members
 * chase each other over the machines for ever just the same.
 */
export function orderReplacements(units: readonly UnitView[]): ReplacementOrder {
  const named = new Map(
    units.filter((unit) => unit.options.replaces.length > 0).map((unit) => [unit.name, unit.options.replaces] as const),
  );
  const reaches = (from: UnitName, to: UnitName): boolean => {
    const seen = new Set<UnitName>([from]);
    for (const name of seen) {
      if (name === to) return true;
      for (const next of named.get(name) ?? []) seen.add(next);
    }
    return false;
  };
  return new Map([...named].map(([unit, others]) => [unit, others.filter((other) => !reaches(other, unit))]));
}
