import { valueOf, type UnitDocument } from "../unit-document.ts";

/** Whether ending well does something: systemd then wants no command of a service. @see systemd.unit(5) "SuccessAction=" */
export function hasSuccessAction(document: UnitDocument): boolean {
  return (valueOf(document, "Unit", "SuccessAction") ?? "none") !== "none";
}
