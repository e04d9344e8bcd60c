import type { UnitState } from "@quarterdeck/model";

/** Not running by systemd's own word; a unit that nobody has reported does not run. */
export function isAtRest(state: UnitState | null): boolean {
  return state === null || state.active === "inactive" || state.active === "failed";
}
