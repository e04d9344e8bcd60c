import type { MachineId, UnitName } from "@quarterdeck/model";
import { matchGlob, parseGlob, type FleetOptions, type Glob } from "@quarterdeck/units";
import type { ReplacementOrder } from "./replacement-order.ts";
import type { SpreadTally } from "./spread-tally.ts";

/** `live`: is to run here, and stays. `leaving`: may still run here, but is on its way out. */
export type Occupant = "live" | "leaving";

/** What units have reserved with `MemoryReserve=` and `CPUReserve=`. */
export type Reserves = { readonly memoryMiB: number; readonly cpuCores: number };

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
  /** Reserved by everybody there but the unit; a unit that was destroyed reserves nothing any more. */
  reservedBesides(machine: MachineId, unit: UnitName): { readonly all: Reserves; readonly leaving: Reserves };
};

export type OccupancyParts = {
  /** `null` for a unit that does not exist any more. */
  readonly optionsOf: (unit: UnitName) => FleetOptions | null;
  readonly replacements: ReplacementOrder;
  readonly tally: SpreadTally;
};

/** What is known of one machine. */
type Place = {
  readonly occupants: Map<UnitName, Occupant>;
  /** The few units whose options can be in another's way; judging the others against everything would cost machines × units. */
  readonly picky: Set<UnitName>;
  readonly all: Sum;
  readonly leaving: Sum;
  load: number;
};

type Sum = { memoryMiB: number; cpuCores: number };

export function createOccupancy({ optionsOf, replacements, tally }: OccupancyParts): Occupancy {
  const places = new Map<MachineId, Place>();
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
  const forbids = (options: FleetOptions | null, other: UnitName): boolean =>
    options !== null && options.conflicts.some((pattern) => matches(pattern, other));
  const placeOf = (machine: MachineId): Place => {
    const known = places.get(machine);
    if (known !== undefined) return known;
    const made: Place = { occupants: new Map(), picky: new Set(), all: nothing(), leaving: nothing(), load: 0 };
    places.set(machine, made);
    return made;
  };
  const reserve = (here: Place, { unit, kind, sign }: { unit: UnitName; kind: Occupant; sign: 1 | -1 }): void => {
    const options = optionsOf(unit);
    if (options === null || (options.memoryReserveMiB === null && options.cpuReserveCores === null)) return;
    for (const sum of kind === "leaving" ? [here.all, here.leaving] : [here.all]) {
      sum.memoryMiB += sign * (options.memoryReserveMiB ?? 0);
      sum.cpuCores += sign * (options.cpuReserveCores ?? 0);
    }
  };
  const remove = (machine: MachineId, unit: UnitName): void => {
    const here = places.get(machine);
    const kind = here?.occupants.get(unit);
    if (here === undefined || kind === undefined) return;
    if (kind === "live") {
      here.load -= 1;
      tally.count(machine, unit, -1);
    }
    here.occupants.delete(unit);
    here.picky.delete(unit);
    reserve(here, { unit, kind, sign: -1 });
  };

  return {
    add(machine, unit, kind) {
      remove(machine, unit);
      const here = placeOf(machine);
      here.occupants.set(unit, kind);
      if (kind === "live") {
        here.load += 1;
        tally.count(machine, unit, 1);
      }
      reserve(here, { unit, kind, sign: 1 });
      if (replacements.has(unit) || (optionsOf(unit)?.conflicts.length ?? 0) > 0) here.picky.add(unit);
    },
    remove,
    load: (machine) => places.get(machine)?.load ?? 0,
    kindOf: (machine, unit) => places.get(machine)?.occupants.get(unit) ?? null,
    conflictWith(machine, unit) {
      const here = places.get(machine);
      if (here === undefined) return null;
      const own = optionsOf(unit);
      const others = (own?.conflicts.length ?? 0) > 0 ? here.occupants.keys() : here.picky;
      let leaving: UnitName | null = null;
      for (const other of others) {
        if (other === unit || !(forbids(own, other) || forbids(optionsOf(other), unit))) continue;
        if (here.occupants.get(other) === "live") return { unit: other, kind: "live" };
        leaving ??= other;
      }
      return leaving === null ? null : { unit: leaving, kind: "leaving" };
    },
    replacerOf(machine, unit) {
      const here = places.get(machine);
      if (here === undefined) return null;
      for (const other of here.picky) {
        if (here.occupants.get(other) === "live" && replacements.get(other)?.includes(unit) === true) return other;
      }
      return null;
    },
    reservedBesides(machine, unit) {
      const here = places.get(machine);
      if (here === undefined) return { all: nothing(), leaving: nothing() };
      const own = here.occupants.get(unit);
      const options = own === undefined ? null : optionsOf(unit);
      return {
        all: without(here.all, options),
        leaving: own === "leaving" ? without(here.leaving, options) : { ...here.leaving },
      };
    },
  };
}

const nothing = (): Sum => ({ memoryMiB: 0, cpuCores: 0 });

function without({ memoryMiB, cpuCores }: Reserves, options: FleetOptions | null): Reserves {
  return {
    memoryMiB: memoryMiB - (options?.memoryReserveMiB ?? 0),
    cpuCores: cpuCores - (options?.cpuReserveCores ?? 0),
  };
}
