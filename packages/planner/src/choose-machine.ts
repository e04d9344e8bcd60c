import type { MachineId } from "@quarterdeck/model";
import type { EntryView, MachineView, UnitView } from "./cluster-view.ts";
import { failuresOf } from "./count-failures.ts";
import type { PlanDraft } from "./plan-draft.ts";

/** What puts one machine before another for units that are placed together; the first field that differs decides, then the machine id. */
export type Rank = {
  /** Copies of them that are still there, so that no second one is made; the most win. */
  readonly copies: number;
  /** How lately they failed for good there: 0 is never, and of others the longest ago wins. */
  readonly failed: number;
  /** Of their like on machines with the same value of the key of `Spread=`; the fewest win. */
  readonly like: number;
  /** Units on it; the fewest win. */
  readonly load: number;
};

export type Choice = {
  readonly machine: MachineView;
  readonly rank: Rank;
  /** No other machine would take them. */
  readonly only: boolean;
  /** Chosen of equals because the first of them was there before. */
  readonly wasThere: boolean;
};

/** The best of the machines that say yes; `null` when none does. */
export function chooseMachine(
  draft: PlanDraft,
  units: readonly UnitView[],
  takes: (machine: MachineView) => boolean,
): Choice | null {
  let best: { readonly machine: MachineView; readonly rank: Rank } | null = null;
  let fitting = 0;
  for (const machine of draft.index.machines) {
    if (!takes(machine)) continue;
    fitting += 1;
    const rank = rankMachine(draft, units, machine.machine);
    if (best === null || compareRanks(rank, best.rank) < 0) best = { machine, rank };
  }
  if (best === null) return null;
  const before = lastMachine(draft, units);
  const wasThere =
    before !== undefined &&
    before !== best.machine &&
    takes(before) &&
    compareRanks(rankMachine(draft, units, before.machine), best.rank) === 0;
  return { ...best, machine: wasThere ? before : best.machine, only: fitting === 1, wasThere };
}

export function rankMachine(draft: PlanDraft, units: readonly UnitView[], machine: MachineId): Rank {
  let copies = 0;
  let failed = 0;
  let like = 0;
  for (const unit of units) {
    if (entryAt(draft, unit, machine) !== undefined) copies += 1;
    failed += (failuresOf(draft, unit)?.machines.indexOf(machine) ?? -1) + 1;
    like += draft.tally.likeAt(machine, unit);
  }
  return { copies, failed, like, load: draft.occupancy.load(machine) };
}

/** Below 0: the left one is better. */
export function compareRanks(left: Rank, right: Rank): number {
  return right.copies - left.copies || left.failed - right.failed || left.like - right.like || left.load - right.load;
}

/** Any entry of the unit on the machine, whatever it has it do. */
export function entryAt(draft: PlanDraft, unit: UnitView, machine: MachineId): EntryView | undefined {
  return draft.index.entriesOf.get(unit.name)?.find((entry) => entry.machine === machine);
}

function lastMachine({ view }: PlanDraft, [unit]: readonly UnitView[]): MachineView | undefined {
  const status = unit === undefined ? undefined : view.statuses.get(unit.name);
  if (status === undefined || status.incarnation !== unit?.incarnation) return undefined;
  const machine = status.machine ?? status.lastMachine ?? null;
  return machine === null ? undefined : view.machines.get(machine);
}
