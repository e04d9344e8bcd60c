import { reason, type MachineId, type Timestamp, type UnitName } from "@quarterdeck/model";
import { searchList } from "./choose-machine.ts";
import { indexView, type ClusterIndex } from "./cluster-index.ts";
import type { ClusterView, EntryView, MachineView, UnitView } from "./cluster-view.ts";
import { hasSucceeded, rememberedOutcome } from "./finished-job.ts";
import { groupUnits, type UnitGroup } from "./group-units.ts";
import { judgeMachine, type Refusal } from "./judge-machine.ts";
import { orderOf } from "./move-order.ts";
import { createOccupancy } from "./occupancy.ts";
import { occupantOf } from "./occupant-of.ts";
import { isPresent, isWanted } from "./plan-draft.ts";
import { orderReplacements } from "./replacement-order.ts";
import { createSpreadTally, spreadValue } from "./spread-tally.ts";
import { isLive } from "./wanted-entry.ts";

/** The cluster as moves would leave it: where units are, and what a machine would say to a group of them. */
export type MoveBoard = {
  readonly index: ClusterIndex;
  /** Machines that answer and take units, by id. */
  readonly open: readonly MachineView[];
  /** Units on it, but for jobs that are done. */
  load(machine: MachineId): number;
  /** Whether it is a job that is done, by what was written down. */
  isDone(unit: UnitView): boolean;
  /** Whether it is a job whose end is known to its agent alone: the schedule's own plan writes that down, and needs its entry for it. */
  hasJustEnded(unit: UnitView): boolean;
  /**
   * Units on a machine that move together, oldest first, with the id of the group that they are of. Global units are not in it: they are meant
   * to be everywhere.
   */
  groups(): ReadonlyMap<MachineId, readonly UnitGroup[]>;
  /** The reason why not all of the units can come to the machine from where they are, or `null`. */
  judge(units: readonly UnitView[], machine: MachineView): Refusal | null;
  /** The machine of these that the placing would choose for the units, had they left where they are; `null` of none. */
  choose(units: readonly UnitView[], machines: readonly MachineView[]): MachineView | null;
  /** Moves the units in thought; what comes after is judged as if they had. */
  shift(units: readonly UnitView[], from: MachineId, to: MachineId): void;
  liveEntry(unit: UnitName): EntryView | null;
  entryAt(unit: UnitName, machine: MachineId): EntryView | null;
};

export function createMoveBoard(view: ClusterView, now: Timestamp): MoveBoard {
  const index = indexView(view);
  const wanted = index.units.filter(isWanted);
  const groups = groupUnits(wanted.filter((unit) => !unit.options.global));
  const replacements = orderReplacements(wanted);
  const tally = createSpreadTally(view);
  const occupancy = createOccupancy({ machines: view.machines, units: view.units, replacements, tally });
  const located = new Map<UnitName, MachineId>();
  for (const at of view.entries) {
    const { machine, unit, entry } = at;
    const kind = occupantOf(view, index, at);
    if (kind !== null) occupancy.add(machine, unit, kind);
    if (isLive(entry) && view.units.get(unit)?.options.global === false) located.set(unit, machine);
  }
  const isDone = (unit: UnitView): boolean => rememberedOutcome(view, unit) !== null;
  const liveEntry: MoveBoard["liveEntry"] = (unit) =>
    index.entriesOf.get(unit)?.find(({ entry }) => isLive(entry)) ?? null;
  const entryAt: MoveBoard["entryAt"] = (unit, machine) =>
    index.entriesOf.get(unit)?.find((entry) => entry.machine === machine) ?? null;

  return {
    index,
    open: index.machines.filter((machine) => isPresent(machine) && !machine.cordoned),
    load: (machine) => occupancy.load(machine),
    isDone,
    hasJustEnded(unit) {
      if (!unit.options.runOnce || isDone(unit)) return false;
      const entry = liveEntry(unit.name);
      return entry !== null && hasSucceeded(index, unit, entry);
    },
    groups: () => groupsByMachine(groups, located),
    judge(units, machine) {
      const names = new Set(units.map((unit) => unit.name));
      const around = {
        occupancy,
        locate: (target: UnitName) => (names.has(target) ? machine.machine : (located.get(target) ?? null)),
        nameOf: (id: MachineId) => index.nameOf(id),
      };
      // Each is judged beside those before it, as if they had come already.
      const come: UnitView[] = [];
      let refusal: Refusal | null = null;
      for (const unit of units) {
        refusal =
          judgeCopy(unit, machine) ??
          judgeSpread(unit, machine) ??
          judgeMachine(unit, machine, around) ??
          judgeKicking(unit, machine, orderOf(units));
        if (refusal !== null) break;
        if (isDone(unit)) continue;
        occupancy.add(machine.machine, unit.name, "live");
        come.push(unit);
      }
      for (const unit of come) occupancy.remove(machine.machine, unit.name);
      return refusal;
    },
    choose(units, machines) {
      // Where they are they still count among their like, which the placing would not see there any more.
      const left = units.flatMap(({ name }) => {
        const at = located.get(name);
        return at === undefined || occupancy.kindOf(at, name) === null ? [] : [{ name, at }];
      });
      for (const { name, at } of left) occupancy.remove(at, name);
      const found = searchList({ view, index, now, occupancy, tally }, units, { machines, judge: () => null });
      for (const { name, at } of left) occupancy.add(at, name, "live");
      return found?.machine ?? null;
    },
    shift(units, from, to) {
      for (const { name } of units) {
        located.set(name, to);
        if (occupancy.kindOf(from, name) === null) continue;
        occupancy.remove(from, name);
        occupancy.add(to, name, "live");
      }
    },
    liveEntry,
    entryAt,
  };

  /** An old copy that is on its way out, or that waits for its replacement. */
  function judgeCopy(unit: UnitView, machine: MachineView): Refusal | null {
    const kind = occupancy.kindOf(machine.machine, unit.name);
    if (!isPresent(machine) || kind === null || located.get(unit.name) === machine.machine) return null;
    const why = reason("WAITS_FOR_STOP", `an old copy of ${unit.name} is still on ${machine.hostname}`);
    return { reason: why, transient: kind === "leaving", alike: false };
  }

  /** What was spread stays spread: the unit keeps to machines of the value that it was given. */
  function judgeSpread(unit: UnitView, machine: MachineView): Refusal | null {
    const key = unit.options.spread;
    const at = view.machines.get(located.get(unit.name) ?? machine.machine);
    if (key === null || at === undefined || at.cordoned) return null;
    if (spreadValue(view, at.machine, key) === spreadValue(view, machine.machine, key)) return null;
    return {
      reason: reason("MOVE_NOT_NEEDED", `${machine.hostname} has another ${key}, over which it is spread`),
      transient: false,
      alike: false,
    };
  }

  /** Nobody else is to move: a unit that is stopped first is put anywhere by the placing, which would let it drive others off. */
  function judgeKicking(unit: UnitView, machine: MachineView, order: ReturnType<typeof orderOf>): Refusal | null {
    const kicked = replacements.get(unit.name)?.find((name) => {
      const at = located.get(name);
      return at !== undefined && (at === machine.machine || (order === "stop-first" && at !== located.get(unit.name)));
    });
    if (kicked === undefined) return null;
    const where = index.nameOf(located.get(kicked) ?? machine.machine);
    return { reason: reason("REPLACES", `it would drive ${kicked} off ${where}`), transient: false, alike: false };
  }
}

function groupsByMachine(
  groups: readonly UnitGroup[],
  located: ReadonlyMap<UnitName, MachineId>,
): ReadonlyMap<MachineId, readonly UnitGroup[]> {
  const byMachine = new Map<MachineId, UnitGroup[]>();
  for (const { id, members } of groups) {
    for (const [machine, here] of Map.groupBy(members, ({ name }) => located.get(name))) {
      if (machine === undefined) continue;
      const list = byMachine.get(machine);
      if (list === undefined) byMachine.set(machine, [{ id, members: here }]);
      else list.push({ id, members: here });
    }
  }
  return byMachine;
}
