import { keys, modRevisionIs, put, ranges, type Snapshot, type Transaction } from "@quarterdeck/etcd";
import type { MachineId, Move, Reason, Relocation } from "@quarterdeck/model";
import { formatTimestamp } from "./format-timestamp.ts";
import { isEnded } from "./is-ended.ts";

/** Of a machine's drain that goes on no further move is begun; the one that is under way is finished. Empty where none goes on. */
export function endDrain(
  view: Snapshot,
  { machine, why }: { readonly machine: MachineId; readonly why: Reason },
  now: number,
): Transaction {
  const running = view
    .list(ranges.relocations)
    .find(({ value }) => value.kind === "drain" && value.machine === machine && !isEnded(value));
  if (running === undefined) return { when: [], then: [] };
  const moves = running.value.moves.map((move): Move =>
    move.state === "pending" ? { ...move, state: "stays", reason: why } : move,
  );
  const after: Relocation =
    running.value.state === "ordered"
      ? { ...running.value, state: "done", reason: why, endedAt: formatTimestamp(now) }
      : { ...running.value, moves };
  return { when: [modRevisionIs(running)], then: [put(keys.relocation(running.value.id), after)] };
}
