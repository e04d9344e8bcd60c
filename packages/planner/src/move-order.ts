import type { Move } from "@quarterdeck/model";
import type { UnitView } from "./cluster-view.ts";

/** Units of which two copies at once would do harm: singletons, and jobs, which would be done twice. */
export function orderOf(units: readonly UnitView[]): NonNullable<Move["order"]> {
  return units.some(({ options }) => options.singleton || options.runOnce) ? "stop-first" : "start-first";
}
