import { reason, type MachineId, type Move, type Timestamp } from "@quarterdeck/model";
import type { ClusterView } from "./cluster-view.ts";
import { createMoveBoard } from "./move-board.ts";
import { pendingMove } from "./move-units.ts";
import { isLive } from "./wanted-entry.ts";

/**
 * The moves that empty a machine, oldest units first. Where each goes is chosen when its turn comes. Global units are listed as staying:
 * they are meant for every machine that matches, and another has its own copy already.
 */
export function planDraining(view: ClusterView, machine: MachineId, now: Timestamp): readonly Move[] {
  const board = createMoveBoard(view, now);
  const everywhere = board.index.units.filter(
    (unit) =>
      unit.options.global &&
      view.entries.some(({ machine: at, unit: name, entry }) => at === machine && name === unit.name && isLive(entry)),
  );
  const why = reason("GLOBAL_UNIT", "it runs on every machine that matches, and another has its own");
  return [
    ...(board.groups().get(machine) ?? []).map(({ members }) => pendingMove(members, machine, null)),
    ...everywhere.map((unit): Move => ({ ...pendingMove([unit], machine, null), state: "stays", reason: why })),
  ];
}
