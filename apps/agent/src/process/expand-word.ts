import type { Result, UnitName } from "@quarterdeck/model";
import { expandSpecifiers } from "@quarterdeck/units";

/** What specifiers say of the machine. */
export type MachineNames = { readonly hostname: string; readonly machineId: string; readonly bootId: string };

/** Replaces specifiers in one word: those of the unit's name, and `%H` `%m` `%b` of the machine. @see systemd.unit(5) "SPECIFIERS" */
export function expandWord(word: string, unit: UnitName, machine: MachineNames): Result<string> {
  const values: Readonly<Record<string, string>> = {
    // Left for the unit's own, which comes next.
    "%": "%%",
    H: machine.hostname,
    m: machine.machineId,
    b: machine.bootId.replaceAll("-", ""),
  };
  return expandSpecifiers(
    word.replaceAll(/%([%Hmb])/g, (whole, letter: string) => values[letter] ?? whole),
    unit,
  );
}
