import { refuse, succeed, type Result } from "@quarterdeck/model";
import { unitFault } from "./unit-fault.ts";

/**
 * The text of a drop-in that hands `environment` to a service. Each value arrives as it is: it is quoted, and `%`, `"` and `\` are
 * escaped; control characters, line ends among them, are refused, so that no value can end its assignment.
 * @see systemd.exec(5) "Environment="
 */
export function renderDropIn(environment: Readonly<Record<string, string>>): Result<string> {
  const lines: string[] = ["[Service]"];
  for (const [name, value] of Object.entries(environment).toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    if (!/^[A-Z_][A-Z0-9_]*$/.test(name))
      return refuse(unitFault(`${JSON.stringify(name)} is not the name of a variable`, "use A-Z, 0-9 and _"));
    if (/\p{Cc}/u.test(value) || !value.isWellFormed()) {
      return refuse(
        unitFault(`the value of ${name} has a control character in it`, "keep it to one line of plain text"),
      );
    }
    lines.push(`Environment="${name}=${value.replace(/["\\]/g, String.raw`\$&`).replaceAll("%", "%%")}"`);
  }
  return succeed(`${lines.join("\n")}\n`);
}
