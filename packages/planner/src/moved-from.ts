import type { MachineId, Relocation, UnitName } from "@quarterdeck/model";

/**
 * Where the units were that are being moved and are stopped first: between the stop and the new start nothing else tells that they are not to
 * be put back there.
 */
export function movedFrom(relocations: readonly Relocation[]): ReadonlyMap<UnitName, MachineId> {
  return new Map(
    relocations
      .filter(({ state }) => state === "running")
      .flatMap(({ moves }) => moves.filter(({ state, order }) => state === "moving" && order === "stop-first"))
      .flatMap(({ units, from }) => units.map((unit) => [unit, from] as const)),
  );
}
