import type { MachineId, UnitName } from "@quarterdeck/model";
import type { FleetOptions, MachineNames } from "@quarterdeck/units";
import type { UnitView } from "./cluster-view.ts";
import { createConflictRules } from "./conflict-rules.ts";
import { createNeighbours, type Conflict, type Neighbours } from "./neighbours.ts";
import type { ReplacementOrder } from "./replacement-order.ts";
import type { SpreadTally } from "./spread-tally.ts";

/**
 * `live`: is to run here, and stays. `leaving`: may still run here, but is on its way out. `waiting`: an old copy that runs here until somebody
 * mends its replacement; it keeps others from coming, and drives none away that are there.
 */
export type Occupant = "live" | "leaving" | "waiting";

/** What units have reserved with `MemoryReserve=` and `CPUReserve=`. */
export type Reserves = { readonly memoryMiB: number; readonly cpuCores: number };

/** Who is on which machine while a plan is being made. */
export type Occupancy = {
  add(machine: MachineId, unit: UnitName, kind: Occupant): void;
  remove(machine: MachineId, unit: UnitName): void;
  /** How many live units a machine has. */
  load(machine: MachineId): number;
  kindOf(machine: MachineId, unit: UnitName): Occupant | null;
  /** What keeps the unit away by `Conflicts=`; what stays before what waits, and both before what leaves. */
  conflictWith(machine: MachineId, unit: UnitName): Conflict | null;
  /** The first live unit on the machine that this one has to make room for. */
  replacerOf(machine: MachineId, unit: UnitName): UnitName | null;
  /** Reserved by everybody there but the unit; a unit that was destroyed reserves nothing any more. */
  reservedBesides(machine: MachineId, unit: UnitName): { readonly all: Reserves; readonly leaving: Reserves };
};

export type OccupancyParts = {
  /** By whose names patterns with `%H` and `%m` are read. */
  readonly machines: ReadonlyMap<MachineId, MachineNames>;
  readonly units: ReadonlyMap<UnitName, UnitView>;
  readonly replacements: ReplacementOrder;
  readonly tally: SpreadTally;
};

/** What is known of one machine. */
type Place = {
  readonly occupants: Map<UnitName, Occupant>;
  readonly neighbours: Neighbours;
  readonly replacers: Set<UnitName>;
  readonly all: Sum;
  readonly leaving: Sum;
  load: number;
};

type Sum = { memoryMiB: number; cpuCores: number };

export function createOccupancy({ machines, units, replacements, tally }: OccupancyParts): Occupancy {
  const places = new Map<MachineId, Place>();
  const rules = createConflictRules(units);
  const optionsOf = (unit: UnitName): FleetOptions | null => units.get(unit)?.options ?? null;
  const placeOf = (machine: MachineId): Place => {
    const known = places.get(machine);
    if (known !== undefined) return known;
    const occupants = new Map<UnitName, Occupant>();
    const forbids = rules.on(machines.get(machine) ?? null);
    const neighbours = createNeighbours(rules, forbids, (unit) => occupants.get(unit));
    const made: Place = { occupants, neighbours, replacers: new Set(), all: nothing(), leaving: nothing(), load: 0 };
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
    if (!rules.isEmpty) here.neighbours.remove(unit);
    here.replacers.delete(unit);
    reserve(here, { unit, kind, sign: -1 });
  };

  return {
    add(machine, unit, kind) {
      remove(machine, unit);
      const here = placeOf(machine);
      here.occupants.set(unit, kind);
      if (!rules.isEmpty) here.neighbours.add(unit);
      if (kind === "live") {
        here.load += 1;
        tally.count(machine, unit, 1);
      }
      if (replacements.has(unit)) here.replacers.add(unit);
      reserve(here, { unit, kind, sign: 1 });
    },
    remove,
    load: (machine) => places.get(machine)?.load ?? 0,
    kindOf: (machine, unit) => places.get(machine)?.occupants.get(unit) ?? null,
    conflictWith: (machine, unit) =>
      rules.isEmpty ? null : (places.get(machine)?.neighbours.conflictWith(unit) ?? null),
    replacerOf(machine, unit) {
      if (replacements.size === 0) return null;
      const here = places.get(machine);
      if (here === undefined || here.replacers.size === 0) return null;
      for (const other of here.replacers) {
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
