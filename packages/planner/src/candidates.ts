import type { FleetOptions } from "@quarterdeck/units";
import type { ClusterIndex } from "./cluster-index.ts";
import type { ClusterView, MachineView, UnitView } from "./cluster-view.ts";
import { judgeFit } from "./judge-machine.ts";
import { LEAST_FREE_PERCENT } from "./judge-room.ts";
import { createLoadHeap, type LoadHeap } from "./load-heap.ts";
import type { Occupancy } from "./occupancy.ts";
import { spreadValue, type SpreadTally } from "./spread-tally.ts";

/** Machines for a unit, found without looking at every machine for every unit. */
export type Candidates = {
  /** For a unit that has no copy on any of them. */
  queueFor(unit: UnitView): CandidateQueue;
  /** To be called when a machine has lost a live unit: loads are expected to grow only. */
  reset(): void;
};

/** Best first: the fewest of its like, the fewest units, the smallest id. What is not in it refuses the unit for certain. */
export type CandidateQueue = {
  next(): MachineView | null;
  /** Must be called when enough was seen; `hopeless` are those that will refuse units with the same options whatever else comes. */
  close(hopeless: readonly MachineView[]): void;
};

type Parts = {
  readonly view: ClusterView;
  readonly index: ClusterIndex;
  readonly occupancy: Occupancy;
  readonly tally: SpreadTally;
};

/** Units with the same options. They share the heaps of all units with the same metadata until too many machines have refused them. */
type Kind = { heaps: Heaps; refused: number; isOwn: boolean };

/** One heap for each value of the key of `Spread=`; a single one under "" without. */
type Heaps = ReadonlyMap<string, LoadHeap>;

export function createCandidates(parts: Parts): Candidates {
  const shared = new Map<string, Heaps>();
  const kinds = new Map<string, Kind>();
  const heapsFor = (options: FleetOptions): Heaps => {
    const key = metadataKey(options);
    const known = shared.get(key);
    if (known !== undefined) return known;
    const made = buildHeaps(parts, options);
    shared.set(key, made);
    return made;
  };
  return {
    queueFor(unit) {
      const { options } = unit;
      const key = kindKey(options);
      let kind = kinds.get(key);
      if (kind === undefined) {
        kind = { heaps: heapsFor(options), refused: 0, isOwn: false };
        kinds.set(key, kind);
      } else if (!kind.isOwn && kind.refused > parts.index.machines.length) {
        // Looking past the same machines again and again has cost as much by now as heaps of their own.
        kind.heaps = buildHeaps(parts, options);
        kind.isOwn = true;
      }
      return kind.heaps.size === 1 && options.spread === null ? plainQueue(kind) : spreadQueue(kind, parts, unit);
    },
    reset() {
      shared.clear();
      kinds.clear();
    },
  };
}

function buildHeaps({ view, index, occupancy }: Parts, options: FleetOptions): Heaps {
  const fitting = index.machines.filter(
    (machine) =>
      machine.presence.kind === "present" &&
      !machine.cordoned &&
      (machine.diskFreePercent === null || machine.diskFreePercent >= LEAST_FREE_PERCENT) &&
      judgeFit(options, machine) === null,
  );
  const { spread } = options;
  const byValue = Map.groupBy(fitting, (machine) =>
    spread === null ? "" : spreadValue(view, machine.machine, spread),
  );
  return new Map(
    [...byValue].map(([value, machines]) => [
      value,
      createLoadHeap(machines, ({ machine }) => occupancy.load(machine)),
    ]),
  );
}

function plainQueue(kind: Kind): CandidateQueue {
  const heap = kind.heaps.get("");
  const seen: MachineView[] = [];
  return {
    next() {
      const machine = heap?.pop() ?? null;
      if (machine !== null) seen.push(machine);
      return machine;
    },
    close(hopeless) {
      kind.refused += hopeless.length;
      for (const machine of seen) if (!kind.isOwn || !hopeless.includes(machine)) heap?.push(machine);
    },
  };
}

function spreadQueue(kind: Kind, { occupancy, tally }: Parts, unit: UnitView): CandidateQueue {
  const isBefore = (left: MachineView, right: MachineView): boolean => {
    const difference = occupancy.load(left.machine) - occupancy.load(right.machine);
    return difference === 0 ? left.machine < right.machine : difference < 0;
  };
  const seen: { readonly machine: MachineView; readonly heap: LoadHeap }[] = [];
  return {
    next() {
      let best: { readonly machine: MachineView; readonly heap: LoadHeap; readonly like: number } | null = null;
      for (const heap of kind.heaps.values()) {
        const machine = heap.peek();
        if (machine === null) continue;
        const like = tally.likeAt(machine.machine, unit);
        if (best === null || like < best.like || (like === best.like && isBefore(machine, best.machine)))
          best = { machine, heap, like };
      }
      if (best === null) return null;
      best.heap.pop();
      seen.push(best);
      return best.machine;
    },
    close(hopeless) {
      kind.refused += hopeless.length;
      for (const { machine, heap } of seen) if (!kind.isOwn || !hopeless.includes(machine)) heap.push(machine);
    },
  };
}

function metadataKey({ machineMetadata, spread }: FleetOptions): string {
  return machineMetadata.length === 0 && spread === null ? "" : JSON.stringify([machineMetadata, spread]);
}

function kindKey(options: FleetOptions): string {
  const { conflicts, memoryReserveMiB, cpuReserveCores } = options;
  const metadata = metadataKey(options);
  if (conflicts.length === 0 && memoryReserveMiB === null && cpuReserveCores === null) return metadata;
  return JSON.stringify([metadata, conflicts, memoryReserveMiB, cpuReserveCores]);
}
