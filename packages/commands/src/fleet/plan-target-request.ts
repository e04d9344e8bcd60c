import { assertNever, isTemplate, type RequestAction, type UnitName, type UnitTarget } from "@quarterdeck/model";
import type { FleetFile } from "./fleet-cluster.ts";

/** The request that brings a unit to a target; fleet knows targets, Quarterdeck the verbs that lead there. */
export function planTargetRequest(
  name: UnitName,
  { from, to }: { readonly from: UnitTarget; readonly to: UnitTarget },
): RequestAction {
  switch (to) {
    case "launched":
      return { verb: "start", units: [name], files: [], replace: false };
    case "loaded":
      // `stop` leaves alone what was not started, and `load` is not what somebody who may only stop has asked for.
      return from === "launched"
        ? { verb: "stop", units: [name] }
        : { verb: "load", units: [name], files: [], replace: false };
    case "inactive":
      return { verb: "unload", units: [name], files: [], replace: false };
    default:
      return assertNever(to);
  }
}

/** The request that makes a unit, or gives it another text, and says what it then should be. `exists`: it is known already. */
export function planCreateRequest(
  file: FleetFile,
  { exists, target }: { readonly exists: boolean; readonly target: UnitTarget },
): RequestAction {
  // A template is inactive for ever, and there is nothing of it to take off a machine.
  if (target === "inactive" && (!exists || isTemplate(file.name)))
    return { verb: "submit", files: [file], replace: exists };
  const verb = ({ inactive: "unload", loaded: "load", launched: "start" } as const)[target];
  return { verb, units: [file.name], files: [file], replace: exists };
}
