import {
  reason,
  type MachineId,
  type Move,
  type Reason,
  type Relocation,
  type ScheduleEntry,
  type UnitName,
} from "@quarterdeck/model";
import type { MachineView, UnitView } from "./cluster-view.ts";
import type { MoveBoard } from "./move-board.ts";
import { orderOf } from "./move-order.ts";
import type { Expectation } from "./schedule-step.ts";
import { absentEntry, wantedEntry } from "./wanted-entry.ts";

/** A move that nobody has begun. */
export function pendingMove(units: readonly UnitView[], from: MachineId, to: MachineId | null): Move {
  return {
    units: units.map(({ name }) => name),
    from,
    to,
    order: null,
    state: "pending",
    startedAt: null,
    sick: false,
    reason: null,
    refusals: [],
  };
}

export function moveReason(
  board: MoveBoard,
  kind: Relocation["kind"],
  { units, from, to }: { readonly units: readonly UnitView[]; readonly from: MachineId; readonly to: MachineId },
): Reason {
  const names = units.map(({ name }) => name).join(", ");
  const [old, other] = [board.index.nameOf(from), board.index.nameOf(to)];
  return kind === "drain"
    ? reason("DRAINED", `${old} is drained; ${names} goes to ${other}`)
    : reason("REBALANCED", `${old} has ${board.load(from)} units, ${other} ${board.load(to)}; ${names} goes there`);
}

/** One entry that a move writes. */
export type MoveWrite = {
  readonly unit: UnitName;
  readonly machine: MachineId;
  readonly entry: ScheduleEntry;
  readonly expects: Expectation;
  /** A new copy: goes only to a machine that answers. */
  readonly arrives: boolean;
};

/**
 * The entries that begin a move. With `start-first` the old copy waits as `absentAfter`, as after a loss, and is stopped by the
 * schedule's own plan once the new one does well; with `stop-first` that plan places the units once they have stopped.
 */
export function beginMove(
  board: MoveBoard,
  {
    units,
    from,
    to,
    why,
  }: { readonly units: readonly UnitView[]; readonly from: MachineId; readonly to: MachineId; readonly why: Reason },
): readonly MoveWrite[] {
  const first = orderOf(units) === "start-first";
  return units.flatMap((unit): readonly MoveWrite[] => {
    const old = board.entryAt(unit.name, from);
    if (old === null) return [];
    const leaves = { unit: unit.name, machine: from, expects: old.modRevision, arrives: false };
    if (!first) return [{ ...leaves, entry: absentEntry(old.entry, why) }];
    return [
      { unit: unit.name, machine: to, entry: wantedEntry(unit, why), expects: null, arrives: true },
      { ...leaves, entry: { ...old.entry, target: { kind: "absentAfter", replacement: to }, reason: why } },
    ];
  });
}

/** The entries that take a move back whose new copies do not do well, while the old ones are still there; none when they are not. */
export function takeBack(
  board: MoveBoard,
  units: readonly UnitView[],
  { from, why }: { readonly from: MachineView; readonly why: Reason },
): readonly MoveWrite[] {
  if (from.presence.kind !== "present") return [];
  const old = units.map((unit) => ({
    unit,
    entry: board.entryAt(unit.name, from.machine),
    live: board.liveEntry(unit.name),
  }));
  const isThere = ({ unit, entry }: (typeof old)[number]): boolean =>
    entry?.entry.target.kind === "absentAfter" && board.index.stateOf(from.machine, unit.name)?.active === "active";
  if (!old.every(isThere)) return [];
  return old.flatMap(({ unit, entry, live }): readonly MoveWrite[] => {
    if (entry === null) return [];
    const stays = reason(why.code, why.text);
    const back: MoveWrite = {
      unit: unit.name,
      machine: from.machine,
      entry: wantedEntry(unit, stays),
      expects: entry.modRevision,
      arrives: false,
    };
    if (live === null || live.machine === from.machine) return [back];
    const gone = { unit: unit.name, machine: live.machine, expects: live.modRevision, arrives: false };
    return [back, { ...gone, entry: absentEntry(live.entry, why) }];
  });
}
