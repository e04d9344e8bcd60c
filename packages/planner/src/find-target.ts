import { reason, type MachineId, type Move, type Reason } from "@quarterdeck/model";
import type { UnitView } from "./cluster-view.ts";
import type { MoveBoard } from "./move-board.ts";

export type MoveTarget =
  | { readonly kind: "machine"; readonly machine: MachineId }
  /** The units stay: why, and what each machine said. */
  | {
      readonly kind: "none";
      readonly reason: Reason;
      readonly refusals: readonly { readonly machine: MachineId; readonly reason: Reason }[];
    };

/**
 * Where the units of a move go now: to the machine that was planned, if that still helps, else to the one that the placing would choose of those
 * that may take them. `null` while something is in the way that is leaving.
 */
export function findTarget(board: MoveBoard, move: Move, units: readonly UnitView[]): MoveTarget | null {
  const others = board.index.machines.filter(
    ({ machine }) => machine !== move.from && (move.to === null || machine === move.to),
  );
  const verdicts = others.map((machine) => ({ machine, refusal: board.judge(units, machine) }));
  const yes = verdicts.filter(({ refusal }) => refusal === null).map(({ machine }) => machine);
  const best = board.choose(units, yes);
  if (best !== null) {
    const gain = board.load(move.from) - board.load(best.machine);
    if (move.to === null || gain >= units.length) return { kind: "machine", machine: best.machine };
    const why = reason("MOVE_NOT_NEEDED", `${best.hostname} has as many units by now`);
    return { kind: "none", reason: why, refusals: [] };
  }
  if (verdicts.some(({ refusal }) => refusal?.transient === true)) return null;
  const refusals = verdicts.flatMap(({ machine: { machine }, refusal }) =>
    refusal === null ? [] : [{ machine, reason: refusal.reason }],
  );
  return { kind: "none", reason: noCandidate(refusals.length), refusals };
}

function noCandidate(refused: number): Reason {
  if (refused === 0) return reason("NO_MACHINES", "there is no other machine");
  return reason(
    "NO_CANDIDATE",
    refused === 1 ? "the only other machine refuses it" : `all ${refused} other machines refuse it`,
  );
}
