import type { UnitState } from "@quarterdeck/model";
import { isAtRest } from "./is-at-rest.ts";

/** Whether a unit that was started is down, fails its check, or is started again and again: time alone need not mend it, as it does one that is only starting. */
export function doesBadly(state: UnitState): boolean {
  return isAtRest(state) || state.health === "failing" || (state.active === "activating" && state.restarts > 0);
}
