import { reason, type Forecast, type Relocation, type Timestamp } from "@quarterdeck/model";
import type { ClusterView } from "./cluster-view.ts";
import { findTarget } from "./find-target.ts";
import { createMoveBoard } from "./move-board.ts";
import { moveReason } from "./move-units.ts";
import { orderMoves } from "./plan-relocation.ts";

/** What a drain or a rebalance that was just ordered would do, if nothing else happened and every unit did well where it went. */
export function forecastRelocation(relocation: Relocation, view: ClusterView, now: Timestamp): readonly Forecast[] {
  const board = createMoveBoard(view, now);
  return orderMoves(relocation, view, now).moves.map((move): Forecast => {
    const { units: names, from } = move;
    const stays = { step: "stay" as const, units: names, from, to: null };
    if (move.state !== "pending") return { ...stays, reason: move.reason ?? reason("STAYS", "it stays") };
    const units = names.flatMap((name) => view.units.get(name) ?? []);
    const target = findTarget(board, move, units);
    if (target === null)
      return { ...stays, step: "wait", reason: reason("WAITS_FOR_STOP", "what is in its way is leaving") };
    if (target.kind === "none") {
      const texts = target.refusals.map((refusal) => refusal.reason.text);
      return { ...stays, reason: reason(target.reason.code, [target.reason.text, ...texts].join("; ")) };
    }
    const to = target.machine;
    const why = moveReason(board, relocation.kind, { units, from, to });
    board.shift(units, from, to);
    return { step: "move", units: names, from, to, reason: why };
  });
}
