import type { MachineId, UnitName } from "@quarterdeck/model";
import { matchGlob, parseGlob, type FleetOptions, type Glob } from "@quarterdeck/units";
import type { ReplacementOrder } from "./replacement-order.ts";

/** `live`: is to run here, and stays. `leaving`: may still run here, but is on its way out. */
export type Occupant = "live" | "leaving";

/** Who is on which machine while a plan is being made. */
export type Occupancy = {
  add(machine: MachineId, unit: UnitName, kind: Occupant): void;
  remove(machine: MachineId, unit: UnitName): void;
  /** How many live units a machine has. */
  load(machine: MachineId): number;
  kindOf(machine: MachineId, unit: UnitName): Occupant | null;
  /** The first unit, by order of arrival, that one of the two sides' `Conflicts=` keeps apart; one that stays before one that leaves. */
  conflictWith(machine: MachineId, unit: UnitName): { readonly unit: UnitName; readonly kind: Occupant } | null;
  /** The first live unit on the machine that this one has to make room for. */
  replacerOf(machine: MachineId, unit: UnitName): UnitName | null;
};

export function createOccupancy(
  optionsOf: (unit: UnitName) => FleetOptions | null,
  replacements: ReplacementOrder,
): Occupancy {
  const occupants = new Map<MachineId, Map<UnitName, Occupant>>();
  /** The few units whose options can be in another's way; judging the others against everything would cost machines × units. */
  const picky = new Map<MachineId, Set<UnitName>>();
  const loads = new Map<MachineId, number>();
  const globs = new Map<string, Glob | null>();

  const matches = (pattern: string, name: string): boolean => {
    let glob = globs.get(pattern);
    if (glob === undefined) {
      const parsed = parseGlob(pattern);
      glob = parsed.ok ? parsed.value : null;
      globs.set(pattern, glob);
    }
    return glob !== null && matchGlob(glob, name);
  };
  const forbids = (unit: UnitName, other: UnitName): boolean =>
    optionsOf(unit)?.conflicts.some((pattern) => matches(pattern, other)) ?? false;
  const isPicky = (unit: UnitName): boolean => replacements.has(unit) || (optionsOf(unit)?.conflicts.length ?? 0) > 0;
  const remove = (machine: MachineId, unit: UnitName): void => {
    const here = occupants.get(machine);
    if (here?.get(unit) === "live") loads.set(machine, (loads.get(machine) ?? 0) - 1);
    here?.delete(unit);
    picky.get(machine)?.delete(unit);
  };

  return {
    add(machine, unit, kind) {
      remove(machine, unit);
      const here = occupants.get(machine) ?? new Map<UnitName, Occupant>();
      occupants.set(machine, here.set(unit, kind));
      if (kind === "live") loads.set(machine, (loads.get(machine) ?? 0) + 1);
      if (isPicky(unit)) picky.set(machine, (picky.get(machine) ?? new Set()).add(unit));
    },
    remove,
    load: (machine) => loads.get(machine) ?? 0,
    kindOf: (machine, unit) => occupants.get(machine)?.get(unit) ?? null,
    conflictWith(machine, unit) {
      const here = occupants.get(machine);
      if (here === undefined) return null;
      const others = (optionsOf(unit)?.conflicts.length ?? 0) > 0 ? here.keys() : (picky.get(machine) ?? []);
      let leaving: UnitName | null = null;
      for (const other of others) {
        if (other === unit || !(forbids(unit, other) || forbids(other, unit))) continue;
        if (here.get(other) === "live") return { unit: other, kind: "live" };
        leaving ??= other;
      }
      return leaving === null ? null : { unit: leaving, kind: "leaving" };
    },
    replacerOf(machine, unit) {
      for (const other of picky.get(machine) ?? []) {
        if (occupants.get(machine)?.get(other) === "live" && replacements.get(other)?.includes(unit) === true)
          return other;
      }
      return null;
    },
  };
}
