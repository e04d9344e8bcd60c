import { MAX_REFUSALS, reason, type Move, type Reason, type Relocation, type Timestamp } from "@quarterdeck/model";
import { assessLosses } from "./assess-losses.ts";
import type { ClusterView, UnitView } from "./cluster-view.ts";
import { findTarget } from "./find-target.ts";
import { followMove, isSick } from "./follow-move.ts";
import { createMoveBoard, type MoveBoard } from "./move-board.ts";
import { orderOf } from "./move-order.ts";
import { beginMove, moveReason, takeBack, type MoveWrite } from "./move-units.ts";
import { isPresent, isWanted } from "./plan-draft.ts";
import { planDraining } from "./plan-draining.ts";
import { planRebalance } from "./plan-rebalance.ts";

export type RelocationPlan = {
  /** As it is to be written, in the transaction of the writes; the very object that was given when nothing changed. */
  readonly relocation: Relocation;
  readonly writes: readonly MoveWrite[];
  /** When to plan again although nothing may have changed; `null` when only a change can matter. */
  readonly wakeAt: Timestamp | null;
};

/**
 * The next step of a drain or a rebalance: first its moves, written ahead; then one move after the other, each begun once the one before is done.
 * A move that fails is taken back where that can be, and those behind it are not begun. What was begun is finished by whoever leads.
 */
export function planRelocation(relocation: Relocation, view: ClusterView, now: Timestamp): RelocationPlan {
  if (relocation.state === "ordered")
    return { relocation: orderMoves(relocation, view, now), writes: [], wakeAt: null };
  const board = createMoveBoard(view, now);
  const course: Course = { relocation, view, board, now, moves: [...relocation.moves], changed: false };
  const position = course.moves.findIndex(({ state }) => state === "moving");
  const moving = course.moves[position];
  if (moving !== undefined) {
    const verdict = followMove(view, board, moving, now);
    if (verdict.kind === "moving") return { relocation, writes: [], wakeAt: verdict.wakeAt };
    if (verdict.kind === "failed") return fail(course, position, verdict.reason);
    const after: Move =
      verdict.kind === "done"
        ? { ...moving, state: "done", reason: verdict.reason }
        : {
            ...moving,
            state: "pending",
            order: null,
            startedAt: null,
            to: relocation.kind === "drain" ? null : moving.to,
          };
    change(course, position, after);
  }
  return beginNext(course);
}

/** A relocation in the making. */
type Course = {
  readonly relocation: Relocation;
  readonly view: ClusterView;
  readonly board: MoveBoard;
  readonly now: Timestamp;
  readonly moves: Move[];
  changed: boolean;
};

function change(course: Course, position: number, move: Move): void {
  course.moves[position] = move;
  course.changed = true;
}

/** A relocation as its request leaves it, with its moves planned. */
export function orderMoves(relocation: Relocation, view: ClusterView, now: Timestamp): Relocation {
  const moves =
    relocation.machine === null
      ? planRebalance(view, relocation.max, now)
      : planDraining(view, relocation.machine, now);
  const count = moves.filter(({ state }) => state === "pending").length;
  return {
    ...relocation,
    state: "running",
    moves: [...moves],
    reason: reason("REQUESTED", `${count} to move, one at a time`),
  };
}

function beginNext(course: Course): RelocationPlan {
  const { relocation, view, board, now, moves } = course;
  // Nothing is moved by choice while a mass loss waits for a person.
  const held = assessLosses(view, board.index, now).brake !== null;
  for (const [position, move] of moves.entries()) {
    if (move.state !== "pending") continue;
    const units = move.units
      .flatMap((name) => view.units.get(name) ?? [])
      .filter((unit) => isWanted(unit) && board.liveEntry(unit.name)?.machine === move.from);
    if (units.length === 0) {
      change(course, position, { ...move, state: "done", reason: reason("MOVED", "it has left already") });
      continue;
    }
    // Its entry is what the schedule's own plan, in this very pass, tells its end by.
    if (units.some((unit) => board.hasJustEnded(unit))) return planOf(course, { ...relocation, moves });
    const target = held || !isPresent(view.machines.get(move.from)) ? null : findTarget(board, move, units);
    if (target === null) return planOf(course, { ...relocation, moves });
    if (target.kind === "none") {
      const refusals = target.refusals.slice(0, MAX_REFUSALS);
      change(course, position, { ...move, state: "stays", reason: target.reason, refusals });
      continue;
    }
    return begin(course, position, { units, to: target.machine });
  }
  return planOf(course, end(course));
}

function begin(
  { relocation, board, now, moves }: Course,
  position: number,
  { units, to }: { readonly units: readonly UnitView[]; readonly to: Move["from"] },
): RelocationPlan {
  const move = moves[position];
  if (move === undefined) return { relocation, writes: [], wakeAt: null };
  const names = units.map(({ name }) => name);
  const why = moveReason(board, relocation.kind, { units, from: move.from, to });
  const begun: Move = {
    ...move,
    units: names,
    to,
    order: orderOf(units),
    state: "moving",
    startedAt: now,
    sick: units.some((unit) => isSick(unit, board.index.stateOf(move.from, unit.name))),
    reason: why,
  };
  const after = moves.map((other, index) => (index === position ? begun : other));
  return {
    relocation: { ...relocation, moves: after },
    writes: beginMove(board, { units, from: move.from, to, why }),
    wakeAt: null,
  };
}

function fail({ relocation, view, board, now, moves }: Course, position: number, why: Reason): RelocationPlan {
  const move = moves[position];
  const from = move === undefined ? undefined : view.machines.get(move.from);
  if (move === undefined || from === undefined) return { relocation, writes: [], wakeAt: null };
  const units = move.units.flatMap((name) => view.units.get(name) ?? []).filter(isWanted);
  const writes = takeBack(board, units, { from, why });
  const text = writes.length === 0 ? why.text : `${why.text}; it goes on where it was, on ${from.hostname}`;
  const failed: Move = { ...move, state: "failed", reason: reason(why.code, text) };
  const after = moves.map((other, index) => (index === position ? failed : other));
  return {
    relocation: { ...relocation, moves: after, state: "failed", reason: reason("MOVE_FAILED", text), endedAt: now },
    writes,
    wakeAt: null,
  };
}

function end({ relocation, now, moves }: Course): Relocation {
  const done = moves.filter(({ state }) => state === "done").length;
  const stay = moves.filter(({ state }) => state === "stays").length;
  const text = `${done} of ${moves.length} moved${stay === 0 ? "" : `, ${stay} stay`}`;
  return { ...relocation, moves, state: "done", reason: reason("MOVED", text), endedAt: now };
}

function planOf(course: Course, relocation: Relocation): RelocationPlan {
  const isSame = !course.changed && relocation.state === course.relocation.state;
  return { relocation: isSame ? course.relocation : relocation, writes: [], wakeAt: null };
}
