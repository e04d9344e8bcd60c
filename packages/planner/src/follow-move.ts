import { isWell, reason, type Move, type Reason, type Timestamp, type UnitState } from "@quarterdeck/model";
import type { ClusterView, UnitView } from "./cluster-view.ts";
import { doesBadly } from "./does-badly.ts";
import { hasAcknowledged } from "./has-acknowledged.ts";
import { plus } from "./judge-step.ts";
import type { MoveBoard } from "./move-board.ts";
import { isPresent, isWanted } from "./plan-draft.ts";

/** How a move that is under way has developed. */
export type MoveVerdict =
  | { readonly kind: "moving"; readonly wakeAt: Timestamp }
  | { readonly kind: "done"; readonly reason: Reason }
  /** The units are where they were: the machine that they went to was lost. */
  | { readonly kind: "again" }
  | { readonly kind: "failed"; readonly reason: Reason };

/** How long a unit may take to do well where it was moved to. */
const DEADLINE_SECONDS = 600;

/** Judges a move that was begun: done when every unit does well elsewhere and its old copy is gone. */
export function followMove(view: ClusterView, board: MoveBoard, move: Move, now: Timestamp): MoveVerdict {
  const units = move.units.flatMap((name) => view.units.get(name) ?? []).filter(isWanted);
  if (units.length === 0) return { kind: "done", reason: reason("TARGET_CHANGED", "it is not wanted any more") };
  const arrivals = units.map((unit) => judgeArrival(view, board, { unit, move }));
  const failed = arrivals.find((arrival) => arrival.kind === "failed");
  if (failed !== undefined) return failed;
  if (arrivals.some(({ kind }) => kind === "again")) {
    // A unit that is stopped first is placed like any other, and stays wherever that is: to try again would stop it for ever.
    if (move.order !== "stop-first") return { kind: "again" };
    const text = `was placed on ${board.index.nameOf(move.from)} again, which is as good`;
    return { kind: "done", reason: reason("MOVE_NOT_NEEDED", text) };
  }
  const late = arrivals.find((arrival) => arrival.kind === "waits");
  const isLeft = isPresent(view.machines.get(move.from));
  const old = isLeft ? units.find((unit) => board.entryAt(unit.name, move.from) !== null) : undefined;
  if (late === undefined && old === undefined) {
    const where = [
      ...new Set(units.map((unit) => board.index.nameOf(board.liveEntry(unit.name)?.machine ?? move.from))),
    ];
    return { kind: "done", reason: reason("MOVED", `runs on ${where.join(", ")}`) };
  }
  const wakeAt = plus(move.startedAt ?? now, DEADLINE_SECONDS);
  if (wakeAt > now) return { kind: "moving", wakeAt };
  const what = late?.what ?? `${old?.name} is still stopping on ${board.index.nameOf(move.from)}`;
  return { kind: "failed", reason: reason("MOVE_FAILED", `${what}, for ${DEADLINE_SECONDS} s`) };
}

type Arrival =
  | { readonly kind: "settled" }
  | { readonly kind: "again" }
  | { readonly kind: "waits"; readonly what: string }
  | { readonly kind: "failed"; readonly reason: Reason };

function judgeArrival(
  view: ClusterView,
  board: MoveBoard,
  { unit, move }: { readonly unit: UnitView; readonly move: Move },
): Arrival {
  const live = board.liveEntry(unit.name);
  if (live === null) {
    const status = view.statuses.get(unit.name);
    if (status?.phase === "unplaced" && status.incarnation === unit.incarnation)
      return {
        kind: "failed",
        reason: reason("MOVE_FAILED", `${unit.name} was stopped and finds no place: ${status.reason.text}`),
      };
    return { kind: "waits", what: `${unit.name} is being placed` };
  }
  if (live.machine === move.from) return { kind: "again" };
  const at = board.index.nameOf(live.machine);
  const state = board.index.stateOf(live.machine, unit.name);
  if (state === null || state.incarnation !== unit.incarnation || !hasAcknowledged(state, live))
    return { kind: "waits", what: `${unit.name} is being started on ${at}` };
  if (move.sick || isDoingWell(unit, state)) return { kind: "settled" };
  if (state.active === "failed")
    return { kind: "failed", reason: reason("MOVE_FAILED", `${unit.name} failed on ${at} (${state.result})`) };
  if (state.problem !== null)
    return { kind: "failed", reason: reason("MOVE_FAILED", `${unit.name} on ${at}: ${state.problem.message}`) };
  const health = state.active === "active" ? `health ${state.health}` : `${state.active}/${state.sub}`;
  return {
    kind: "waits",
    what: `${unit.name} on ${at}: ${[health, state.healthDetail].filter((part) => part !== "").join(", ")}`,
  };
}

function isDoingWell({ unit, options }: UnitView, state: UnitState): boolean {
  if (unit.target === "loaded") return true;
  if (options.runOnce && state.active === "inactive") return state.result === "success";
  return isWell(state);
}

/** Whether a unit does badly where it is, so that it cannot be expected to do well elsewhere. */
export function isSick({ unit }: UnitView, state: UnitState | null): boolean {
  return unit.target !== "loaded" && state !== null && doesBadly(state);
}
