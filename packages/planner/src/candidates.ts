import type { FleetOptions } from "@quarterdeck/units";
import type { ClusterIndex } from "./cluster-index.ts";
import type { ClusterView, MachineView, UnitView } from "./cluster-view.ts";
import { judgeFit } from "./judge-machine.ts";
import { LEAST_FREE_PERCENT } from "./judge-room.ts";
import { createLoadHeap, type HeapItem, type LoadHeap } from "./load-heap.ts";
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
  /** The best that has not been set aside. */
  peek(): MachineView | null;
  /** Takes the one that `peek` answered out of the way until the queue is closed. */
  setAside(): void;
  /** Whether there is one, other than what `peek` answered and what was set aside, that passes the test. */
  hasOther(test: (machine: MachineView) => boolean): boolean;
  /** Must be called when enough was seen. `hopeless` were set aside and will refuse units with the same options whatever else comes. */
  close(hopeless: readonly MachineView[]): void;
};

type Parts = {
  readonly view: ClusterView;
  readonly index: ClusterIndex;
  readonly occupancy: Occupancy;
  readonly tally: SpreadTally;
};

/** Units with the same options. They share the heaps of all units with the same metadata until too many machines have refused them. */
type Kind = { heaps: readonly LoadHeap[]; refused: number; isOwn: boolean };

export function createCandidates(parts: Parts): Candidates {
  const shared = new Map<string, readonly LoadHeap[]>();
  const kinds = new Map<string, Kind>();
  const heapsFor = (options: FleetOptions): readonly LoadHeap[] => {
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
      return createQueue(kind, parts, unit);
    },
    reset() {
      shared.clear();
      kinds.clear();
    },
  };
}

/** One heap for each value of the key of `Spread=`, else a single one. */
function buildHeaps({ view, index, occupancy }: Parts, options: FleetOptions): readonly LoadHeap[] {
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
  return [...byValue.values()].map((machines) => createLoadHeap(machines, ({ machine }) => occupancy.load(machine)));
}

function createQueue(kind: Kind, { occupancy, tally }: Parts, unit: UnitView): CandidateQueue {
  const { heaps } = kind;
  const aside: { readonly item: HeapItem; readonly heap: LoadHeap }[] = [];
  let best: { readonly item: HeapItem; readonly heap: LoadHeap } | null = null;
  const isBefore = (left: MachineView, right: MachineView): boolean => {
    const like = tally.likeAt(left.machine, unit) - tally.likeAt(right.machine, unit);
    const load = like === 0 ? occupancy.load(left.machine) - occupancy.load(right.machine) : like;
    return load === 0 ? left.machine < right.machine : load < 0;
  };
  return {
    peek() {
      best = null;
      for (const heap of heaps) {
        const item = heap.peek();
        if (item !== null && (best === null || isBefore(item.machine, best.item.machine))) best = { item, heap };
      }
      return best?.item.machine ?? null;
    },
    setAside() {
      if (best === null) return;
      best.heap.pop();
      aside.push(best);
      best = null;
    },
    hasOther: (test) => heaps.some((heap) => heap.items.some((item) => item !== best?.item && test(item.machine))),
    close(hopeless) {
      kind.refused += hopeless.length;
      for (const { item, heap } of aside) if (!kind.isOwn || !hopeless.includes(item.machine)) heap.push(item);
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
