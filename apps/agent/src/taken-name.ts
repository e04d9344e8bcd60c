import type { Problem, UnitName } from "@quarterdeck/model";

/** The fields of a `CONFLICT`: somebody else's unit has the name. */
export function takenName(unit: UnitName, path: string): Omit<Problem, "code"> {
  return {
    message: `this machine has a unit ${unit} of its own at ${path}`,
    why: "Quarterdeck never replaces a unit that it did not write",
    try: "submit the unit under another name",
  };
}
