import { refuse, succeed, templateOf, type Result, type UnitName } from "@quarterdeck/model";
import { unitFault } from "./unit-fault.ts";

/** The text of an instance: its template's, unchanged, as fleet copied it; systemd expands `%i` by the instance's own name. */
export function instanceText(
  template: { readonly name: UnitName; readonly text: string },
  instance: UnitName,
): Result<string> {
  if (templateOf(instance) === template.name) return succeed(template.text);
  return refuse(unitFault(`${instance} is not an instance of ${template.name}`, template.name.replace("@", "@1")));
}
