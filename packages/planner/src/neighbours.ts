import type { UnitName } from "@quarterdeck/model";
import type { ConflictRules, Forbids } from "./conflict-rules.ts";
import type { Occupant } from "./occupancy.ts";

/** What is in a unit's way on a machine. `own`: its own patterns say so, and not only the other's. */
export type Conflict = { readonly unit: UnitName; readonly kind: Occupant; readonly own: boolean };

/** The units of one machine, arranged by what conflicts are decided by: no unit is compared with all others. */
export type Neighbours = {
  add(unit: UnitName): void;
  remove(unit: UnitName): void;
  /** The first that one of the two sides' `Conflicts=` keeps apart; one that stays before one that waits, and both before one that leaves. */
  conflictWith(unit: UnitName): Conflict | null;
};

/** `forbids` is what the rules say on this machine, and `kindOf` tells a unit of it. */
export function createNeighbours(
  rules: ConflictRules,
  forbids: Forbids,
  kindOf: (unit: UnitName) => Occupant | undefined,
): Neighbours {
  /** By the stem of their names. */
  const byStem = new Map<string, Set<UnitName>>();
  /** Units with patterns, by the stems that they are about; under `null` those that may be about any. */
  const against = new Map<string | null, Set<UnitName>>();
  const enter = <Key>(sets: Map<Key, Set<UnitName>>, key: Key, unit: UnitName): void => {
    const set = sets.get(key);
    if (set === undefined) sets.set(key, new Set([unit]));
    else set.add(unit);
  };
  const stemsAgainst = (unit: UnitName): readonly (string | null)[] => rules.stemsAgainst(unit) ?? [null];
  return {
    add(unit) {
      const stem = rules.stemOf(unit);
      if (stem !== null) enter(byStem, stem, unit);
      for (const other of stemsAgainst(unit)) enter(against, other, unit);
    },
    remove(unit) {
      const stem = rules.stemOf(unit);
      if (stem !== null) byStem.get(stem)?.delete(unit);
      for (const other of stemsAgainst(unit)) against.get(other)?.delete(unit);
    },
    conflictWith(unit) {
      let waiting: Conflict | null = null;
      let leaving: Conflict | null = null;
      const look = (others: Iterable<UnitName> | undefined, own: boolean): Conflict | null => {
        for (const other of others ?? []) {
          if (other === unit || !(own ? forbids(unit, other) : forbids(other, unit))) continue;
          const kind = kindOf(other);
          if (kind === "live") return { unit: other, kind, own };
          if (kind === "waiting") waiting ??= { unit: other, kind, own };
          if (kind === "leaving") leaving ??= { unit: other, kind, own };
        }
        return null;
      };
      const stems = rules.stemsAgainst(unit);
      if (stems === null) {
        for (const others of byStem.values()) {
          const found = look(others, true);
          if (found !== null) return found;
        }
      } else {
        for (const stem of stems) {
          const found = look(byStem.get(stem), true);
          if (found !== null) return found;
        }
      }
      if (against.size === 0) return waiting ?? leaving;
      const stem = rules.stemOf(unit);
      return (
        (stem === null ? null : look(against.get(stem), false)) ?? look(against.get(null), false) ?? waiting ?? leaving
      );
    },
  };
}
