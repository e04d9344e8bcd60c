import type { MachineId, Move, UnitName } from "@quarterdeck/model";
import type { ClusterView, MachineView, UnitView } from "./cluster-view.ts";
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
export function planRebalance(view: ClusterView, max: number | null): readonly Move[] {
  const board = createMoveBoard(view);
  const moved = new Set<UnitName>();
  const moves: Move[] = [];
  for (;;) {
    const path = findPath(board, moved);
    if (path === null || (max !== null && moves.length + path.length > max)) return moves;
    for (const { units, from, to } of path) {
      board.shift(units, from, to);
      for (const { name } of units) moved.add(name);
      moves.push(pendingMove(units, from, to));
    }
  }
}

type Hop = { readonly units: readonly UnitView[]; readonly from: MachineId; readonly to: MachineId };

/**
 * Hops from a full machine to an emptier one, the last hop first, so that no machine has more than it had. Mostly one; more where the units of the
 * full machine may not go to the emptiest and others can make room for them.
 */
function findPath(board: MoveBoard, moved: ReadonlySet<UnitName>): readonly Hop[] | null {
  const byLoad = board.open.toSorted((left, right) => board.load(left.machine) - board.load(right.machine));
  const least = byLoad[0] === undefined ? 0 : board.load(byLoad[0].machine);
  const movable = new Map(board.open.map(({ machine }) => [machine, movableOn(board, machine, moved)]));
  for (const source of byLoad.toReversed()) {
    if (board.load(source.machine) - least < 2) return null;
    const path = search(board, { source, byLoad, movable });
    if (path !== null) return path;
  }
  return null;
}

/** Those that can be moved without a gap first; of these the newest, so that what has long run keeps running. */
function movableOn(
  board: MoveBoard,
  machine: MachineId,
  moved: ReadonlySet<UnitName>,
): readonly (readonly UnitView[])[] {
  const here = board
    .groupsOn(machine)
    .filter((units) => !units.some(({ name }) => moved.has(name)))
    .toReversed();
  return [
    ...here.filter((units) => orderOf(units) === "start-first"),
    ...here.filter((units) => orderOf(units) !== "start-first"),
  ];
}

type Search = {
  readonly source: MachineView;
  readonly byLoad: readonly MachineView[];
  readonly movable: ReadonlyMap<MachineId, readonly (readonly UnitView[])[]>;
};

/** Breadth first, so that as few units as possible move. */
function search(board: MoveBoard, { source, byLoad, movable }: Search): readonly Hop[] | null {
  const cameBy = new Map<MachineId, Hop>();
  const queue: MachineId[] = [source.machine];
  for (const at of queue) {
    const isSource = at === source.machine;
    if (!isSource && byLoad.length > CHAINED_UP_TO) return null;
    for (const target of byLoad) {
      if (target === source || cameBy.has(target.machine)) continue;
      const gap = board.load(source.machine) - board.load(target.machine);
      const units = movable
        .get(at)
        ?.find(
          (group) =>
            (isSource && gap > group.length ? true : group.length === 1) && board.judge(group, target) === null,
        );
      if (units === undefined) continue;
      cameBy.set(target.machine, { units, from: at, to: target.machine });
      if (gap > units.length) return pathTo(target.machine, cameBy);
      queue.push(target.machine);
    }
  }
  return null;
}

function pathTo(end: MachineId, cameBy: ReadonlyMap<MachineId, Hop>): readonly Hop[] {
  const path: Hop[] = [];
  for (let hop = cameBy.get(end); hop !== undefined; hop = cameBy.get(hop.from)) path.push(hop);
  return path;
}
