import type { UnitName, UnitState } from "@quarterdeck/model";
import type { ClusterView } from "../cluster-view.ts";

/** How a unit has ended, in systemd's words. */
export type End = Pick<UnitState, "active" | "sub" | "result">;

/** systemd has given it up. */
export const FAILED: End = { active: "failed", sub: "failed", result: "exit-code" };

/** A oneshot that has succeeded. */
export const DONE: End = { active: "inactive", sub: "dead", result: "success" };

/** The view after a unit's copies have ended by themselves: those that run by an entry and whose machine can say so. */
export function endCopies(
  view: ClusterView,
  unit: UnitName,
  end: Pick<UnitState, "active" | "sub" | "result">,
): ClusterView {
  const states = view.states.map((known) => {
    const runs = known.unit === unit && known.state.active === "active" && known.state.incarnation !== null;
    const present = view.machines.get(known.machine)?.presence.kind === "present";
    return runs && present ? { ...known, state: { ...known.state, ...end } } : known;
  });
  return { ...view, states };
}
