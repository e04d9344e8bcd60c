import type { MachineId, Move, Timestamp } from "@quarterdeck/model";
import { compareText } from "./cluster-index.ts";
import type { ClusterView, MachineView } from "./cluster-view.ts";
import type { UnitGroup } from "./group-units.ts";
import { createMoveBoard, type MoveBoard } from "./move-board.ts";
import { orderOf } from "./move-order.ts";
import { pendingMove } from "./move-units.ts";

/** Up to so many machines, a unit may make room for another: what the search costs rises with their square. */
const CHAINED_UP_TO = 100;

/**
 * The moves that bring the numbers of units of the machines as close together as the constraints allow: in the end no two machines that a unit can
 * be moved between differ by more than 1. At most `max` moves, each unit at most once; empty when nothing is to be gained. Machines that are
 * cordoned or do not answer neither give nor take.
 */
export function planRebalance(view: ClusterView, max: number | null, now: Timestamp): readonly Move[] {
  const field = createField(createMoveBoard(view, now));
  const moves: Move[] = [];
  for (;;) {
    const path = findPath(field);
    if (path === null || (max !== null && moves.length + path.length > max)) return moves;
    for (const hop of path) {
      moveOn(field, hop);
      moves.push(pendingMove(hop.group.members, hop.from, hop.to));
    }
  }
}

type Hop = { readonly group: UnitGroup; readonly from: MachineId; readonly to: MachineId };

/** What the search looks at, kept up with the moves instead of being found anew for each. */
type Field = {
  readonly board: MoveBoard;
  /** The fewest units first, of equals the smallest id. */
  readonly byLoad: MachineView[];
  /** What may still be moved off each machine, the best first. */
  readonly movable: Map<MachineId, readonly UnitGroup[]>;
};

function createField(board: MoveBoard): Field {
  const groups = board.groups();
  return {
    board,
    byLoad: board.open.toSorted((left, right) => compareLoad(board, left, right)),
    movable: new Map(
      board.open.map(({ machine }) => {
        // A job that is done takes no room: to move it, and with it who follows it, would even nothing out.
        const here = (groups.get(machine) ?? []).filter(({ members }) => !members.some((unit) => board.isDone(unit)));
        return [machine, inOrder(here)];
      }),
    ),
  };
}

/** Those that can be moved without a gap first; of these the newest, so that what has long run keeps running. */
function inOrder(groups: readonly UnitGroup[]): readonly UnitGroup[] {
  const newestFirst = groups.toReversed();
  return [
    ...newestFirst.filter(({ members }) => orderOf(members) === "start-first"),
    ...newestFirst.filter(({ members }) => orderOf(members) !== "start-first"),
  ];
}

function compareLoad(board: MoveBoard, left: MachineView, right: MachineView): number {
  return board.load(left.machine) - board.load(right.machine) || compareText(left.machine, right.machine);
}

function moveOn({ board, byLoad, movable }: Field, { group, from, to }: Hop): void {
  board.shift(group.members, from, to);
  const changed = [from, to].flatMap((machine) => {
    // Nothing is moved twice, and what a group has on the machine where others of it went cannot go without them.
    movable.set(machine, movable.get(machine)?.filter(({ id }) => id !== group.id) ?? []);
    return byLoad.splice(
      byLoad.findIndex((known) => known.machine === machine),
      1,
    );
  });
  for (const machine of changed) {
    const next = byLoad.findIndex((other) => compareLoad(board, machine, other) < 0);
    byLoad.splice(next < 0 ? byLoad.length : next, 0, machine);
  }
}

/**
 * Hops from a full machine to an emptier one, the last hop first, so that no machine has more than it had. Mostly one; more where the units of the
 * full machine may not go to the emptiest and others can make room for them.
 */
function findPath(field: Field): readonly Hop[] | null {
  const { board, byLoad } = field;
  const least = byLoad[0] === undefined ? 0 : board.load(byLoad[0].machine);
  for (const source of byLoad.toReversed()) {
    if (board.load(source.machine) - least < 2) return null;
    const path = search(field, source);
    if (path !== null) return path;
  }
  return null;
}

/** Breadth first, so that as few units as possible move. */
function search({ board, byLoad, movable }: Field, source: MachineView): readonly Hop[] | null {
  const cameBy = new Map<MachineId, Hop>();
  const queue: MachineId[] = [source.machine];
  for (const at of queue) {
    const isSource = at === source.machine;
    if (!isSource && byLoad.length > CHAINED_UP_TO) return null;
    for (const target of byLoad) {
      if (target === source || cameBy.has(target.machine)) continue;
      const gap = board.load(source.machine) - board.load(target.machine);
      const group = movable
        .get(at)
        ?.find(
          ({ members }) =>
            (isSource && gap > members.length ? true : members.length === 1) && board.judge(members, target) === null,
        );
      if (group === undefined) continue;
      cameBy.set(target.machine, { group, from: at, to: target.machine });
      if (gap > group.members.length) return pathTo(target.machine, cameBy);
      // One that is as full gives away what it has just as well by itself, with a move less.
      if (gap > 0) queue.push(target.machine);
    }
  }
  return null;
}

function pathTo(end: MachineId, cameBy: ReadonlyMap<MachineId, Hop>): readonly Hop[] {
  const path: Hop[] = [];
  for (let hop = cameBy.get(end); hop !== undefined; hop = cameBy.get(hop.from)) path.push(hop);
  return path;
}
