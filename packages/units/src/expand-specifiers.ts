import { refuse, splitUnitName, succeed, type Result, type UnitName } from "@quarterdeck/model";
import { unitFault } from "./unit-fault.ts";

/**
 * Replaces `%n` (full name), `%N` (name without suffix), `%p` (prefix), `%i` (instance, empty when there is none) and `%%`, the ones
 * that fleet knew; any other is refused. @see systemd.unit(5) "SPECIFIERS"
 */
export function expandSpecifiers(text: string, name: UnitName): Result<string> {
  const { prefix, instance, suffix } = splitUnitName(name);
  const values: Readonly<Record<string, string>> = {
    "%": "%",
    n: name,
    N: name.slice(0, -suffix.length),
    p: prefix,
    i: instance ?? "",
  };
  let unknown: string | null = null;
  const expanded = text.replace(/%(.?)/gsu, (whole, letter: string) => {
    const value = Object.hasOwn(values, letter) ? values[letter] : undefined;
    if (value === undefined) unknown ??= whole;
    return value ?? whole;
  });
  if (unknown === null) return succeed(expanded);
  return refuse(
    unitFault(`${JSON.stringify(unknown)} is not one of the specifiers %n %N %p %i`, "write %% for a percent sign"),
  );
}
