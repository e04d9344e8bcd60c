import type { UnitState } from "./unit-state.ts";

/** Active, and healthy where it has a check. */
export function isWell({ active, health }: Pick<UnitState, "active" | "health">): boolean {
  return active === "active" && (health === "passing" || health === "none");
}
