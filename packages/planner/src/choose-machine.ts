import type { MachineId } from "@quarterdeck/model";
import { compareText } from "./cluster-index.ts";
import type { EntryView, MachineView, UnitView } from "./cluster-view.ts";
import { failuresOf } from "./count-failures.ts";
import type { Refusal } from "./judge-machine.ts";
import type { PlanDraft } from "./plan-draft.ts";
import { locate } from "./plan-keeping.ts";

/** What puts one machine before another for units that are placed together; the first field that differs decides, then the machine id. */
export type Rank = {
  /** Copies of them that are still there, so that no second one is made; the most win. */
  readonly copies: number;
  /** Of them, those that are being moved off it; the fewest win. */
  readonly leaving: number;
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

/** What is known of the cluster where machines are compared. */
export type Ground = Pick<PlanDraft, "view" | "index" | "now" | "occupancy" | "tally">;

/** Asks a machine whether it takes the units; `null` is a yes. */
export type Judge = (machine: MachineView) => Refusal | null;

/** The best of the machines that say yes; `null` when none does. */
export type ChooseMachine = (draft: PlanDraft, units: readonly UnitView[], judge: Judge) => Choice | null;

/** Looks at as few machines as it can: only at those that may be the best, and at one more to tell whether there is a choice. */
export const chooseMachine: ChooseMachine = (draft, units, judge) => {
  const listed = listMachines(draft, units);
  const found =
    listed === null ? searchQueue(draft, units, judge) : searchList(draft, units, { machines: listed, judge });
  return found === null ? null : preferLast(draft, units, { found, judge });
};

export type Found = { readonly machine: MachineView; readonly rank: Rank; readonly only: boolean };

/** The best of some machines, which are in the order of their ids. */
export function searchList(
  ground: Ground,
  units: readonly UnitView[],
  { machines, judge }: { readonly machines: readonly MachineView[]; readonly judge: Judge },
): Found | null {
  let best: { readonly machine: MachineView; readonly rank: Rank } | null = null;
  let fitting = 0;
  for (const machine of machines) {
    if (judge(machine) !== null) continue;
    fitting += 1;
    const rank = rankMachine(ground, units, machine.machine);
    if (best === null || compareRanks(rank, best.rank) < 0) best = { machine, rank };
  }
  return best === null ? null : { ...best, only: fitting === 1 };
}

/** Of equals the machine where the first of the units was before. */
export function preferLast(
  draft: PlanDraft,
  units: readonly UnitView[],
  { found, judge }: { readonly found: Found; readonly judge: Judge },
): Choice {
  const before = found.only ? undefined : lastMachine(draft, units);
  const wasThere =
    before !== undefined &&
    before !== found.machine &&
    compareRanks(rankMachine(draft, units, before.machine), found.rank) === 0 &&
    judge(before) === null;
  return { machine: wasThere ? before : found.machine, rank: found.rank, only: found.only, wasThere };
}

/** The machines to be looked at, by id, where there are few or their order is not that of the queues; `null` where a queue does. */
function listMachines(draft: PlanDraft, units: readonly UnitView[]): readonly MachineView[] | null {
  for (const { name, options } of units) {
    if (options.machineId !== null) return machinesOf(draft, [options.machineId]);
    for (const target of options.machineOf) {
      if (units.some((unit) => unit.name === target)) continue;
      const at = locate(draft, target);
      return at === null ? [] : machinesOf(draft, [at]);
    }
    if (draft.view.movedFrom.has(name) || draft.view.statuses.get(name)?.failures != null) return draft.index.machines;
    if (options.spread !== null && units.length > 1) return draft.index.machines;
  }
  return null;
}

function searchQueue(draft: PlanDraft, units: readonly UnitView[], judge: Judge): Found | null {
  const [first] = units;
  if (first === undefined) return null;
  const copies = units.flatMap((unit) => draft.index.entriesOf.get(unit.name)?.map(({ machine }) => machine) ?? []);
  const there = copies.length === 0 ? NONE : machinesOf(draft, copies);
  let found = there.length === 0 ? null : searchList(draft, units, { machines: there, judge });
  if (found !== null && !found.only) return found;
  const queue = draft.candidates.queueFor(first);
  const hopeless: MachineView[] = [];
  for (let machine = queue.peek(); machine !== null; machine = queue.peek()) {
    const refusal = there.includes(machine) ? ASKED_ALREADY : judge(machine);
    if (refusal === null) {
      if (found === null) {
        const only = !queue.hasOther((other) => !there.includes(other) && judge(other) === null);
        found = { machine, rank: rankMachine(draft, units, machine.machine), only };
      } else found = { ...found, only: false };
      break;
    }
    if (refusal !== ASKED_ALREADY && refusal.alike) hopeless.push(machine);
    queue.setAside();
  }
  queue.close(hopeless);
  return found;
}

const ASKED_ALREADY = Symbol("asked already");
const NONE: readonly MachineView[] = [];

/** By id, each once. */
function machinesOf({ view }: PlanDraft, ids: readonly MachineId[]): readonly MachineView[] {
  return [...new Set(ids)].toSorted(compareText).flatMap((id) => view.machines.get(id) ?? []);
}

export function rankMachine(ground: Ground, units: readonly UnitView[], machine: MachineId): Rank {
  let copies = 0;
  let leaving = 0;
  let failed = 0;
  let like = 0;
  for (const unit of units) {
    if (entryAt(ground, unit, machine) !== undefined) copies += 1;
    if (ground.view.movedFrom.get(unit.name) === machine) leaving += 1;
    failed += (failuresOf(ground, unit)?.machines.indexOf(machine) ?? -1) + 1;
    like += ground.tally.likeAt(machine, unit);
  }
  return { copies, leaving, failed, like, load: ground.occupancy.load(machine) };
}

/** Below 0: the left one is better. */
export function compareRanks(left: Rank, right: Rank): number {
  return (
    right.copies - left.copies ||
    left.leaving - right.leaving ||
    left.failed - right.failed ||
    left.like - right.like ||
    left.load - right.load
  );
}

/** Any entry of the unit on the machine, whatever it has it do. */
export function entryAt({ index }: Pick<Ground, "index">, unit: UnitView, machine: MachineId): EntryView | undefined {
  return index.entriesOf.get(unit.name)?.find((entry) => entry.machine === machine);
}

function lastMachine({ view }: PlanDraft, [unit]: readonly UnitView[]): MachineView | undefined {
  const status = unit === undefined ? undefined : view.statuses.get(unit.name);
  if (status === undefined || status.incarnation !== unit?.incarnation) return undefined;
  const machine = status.machine ?? status.lastMachine ?? null;
  return machine === null ? undefined : view.machines.get(machine);
}
