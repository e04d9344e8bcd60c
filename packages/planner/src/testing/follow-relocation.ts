import type { MachineId, Relocation, Timestamp } from "@quarterdeck/model";
import type { ClusterView } from "../cluster-view.ts";
import { movedFrom } from "../moved-from.ts";
import { planRelocation } from "../plan-relocation.ts";
import { applyMoves } from "./play-relocation.ts";

/** A relocation after one pass of the engine, with what a transcript tells of it. */
export type RelocationNews = {
  readonly view: ClusterView;
  readonly relocation: Relocation;
  readonly lines: readonly string[];
  /** Whether anything was written. */
  readonly busy: boolean;
};

/** One step of a drain or a rebalance: what became of each move and why, and each entry that was written. */
export function followRelocation(before: Relocation, view: ClusterView, now: Timestamp): RelocationNews {
  const nameOf = (machine: MachineId): string => view.machines.get(machine)?.hostname ?? machine;
  const { relocation, writes, wakeAt } = planRelocation(before, view, now);
  const lines = relocation.moves.flatMap((move, index) => {
    const { units, from, to, order, state, reason } = move;
    if (state === before.moves[index]?.state) return [];
    const where = to === null ? nameOf(from) : `${nameOf(from)} to ${nameOf(to)}`;
    const how = order === null ? "" : ` ${order}`;
    const why = reason === null ? "" : `: ${reason.code} ${reason.text}`;
    return [`  move ${units.join(" ")} ${where} ${state}${how}${why}`];
  });
  for (const { machine, unit, entry } of writes) lines.push(`    ${unit} on ${nameOf(machine)}: ${entry.target.kind}`);
  if (relocation.state !== before.state)
    lines.push(`  ${relocation.kind} ${relocation.state}: ${relocation.reason.code} ${relocation.reason.text}`);
  if (wakeAt !== null) lines.push(`  (it looks again after ${(Date.parse(wakeAt) - Date.parse(now)) / 1000} s)`);
  const moved = { ...applyMoves(view, writes), movedFrom: movedFrom([relocation]) };
  return { view: moved, relocation, lines, busy: relocation !== before };
}
