import { refuse, splitUnitName, succeed, type MachineId, type Result, type UnitName } from "@quarterdeck/model";
import { unitFault } from "./unit-fault.ts";

/** What `%H` and `%m` stand for. */
export type MachineNames = { readonly hostname: string; readonly machine: MachineId };

/**
 * Replaces `%n` (full name), `%N` (name without suffix), `%p` (prefix), `%i` (instance, empty when there is none), `%I` (instance, unescaped)
 * and `%%`. `%H` (host name) and `%m` (machine id) stay as they are where the machine is known `later`, and so does `%%`, for
 * {@link expandForMachine} to tell from them. Any other is refused.
 * @see systemd.unit(5) "SPECIFIERS"
 */
export function expandSpecifiers(text: string, name: UnitName, machine: "later" | "never" = "never"): Result<string> {
  const { prefix, instance, suffix } = splitUnitName(name);
  const values: Readonly<Record<string, string>> = {
    "%": machine === "later" ? "%%" : "%",
    n: name,
    N: name.slice(0, -suffix.length),
    p: prefix,
    i: instance ?? "",
    // A unit name has no backslash, so that the dash is all there is to undo. @see systemd-escape(1)
    I: (instance ?? "").replaceAll("-", "/"),
    ...(machine === "later" ? { H: "%H", m: "%m" } : {}),
  };
  let unknown: string | null = null;
  const expanded = text.replace(SPECIFIER, (whole, letter: string) => {
    const value = Object.hasOwn(values, letter) ? values[letter] : undefined;
    if (value === undefined) unknown ??= whole;
    return value ?? whole;
  });
  if (unknown === null) return succeed(expanded);
  const known = `%n %N %p %i %I${machine === "later" ? " %H %m" : ""}`;
  return refuse(
    unitFault(`${JSON.stringify(unknown)} is not one of the specifiers ${known}`, "write %% for a percent sign"),
  );
}

/** What was expanded for a machine that is known `later`, for that machine; in a `pattern` its names are literal, whatever is in them. */
export function expandForMachine(value: string, names: MachineNames, as: "text" | "pattern" = "text"): string {
  if (!value.includes("%")) return value;
  const literal = (name: string): string => (as === "text" ? name : name.replace(/[^A-Za-z0-9]/gu, "\\$&"));
  return value.replace(/%([%Hm])/g, (_, letter: string) =>
    letter === "%" ? "%" : literal(letter === "H" ? names.hostname : names.machine),
  );
}

/** Whether the text is another on each machine. */
export function dependsOnMachine(text: string): boolean {
  return [...text.matchAll(SPECIFIER)].some(([, letter]) => letter === "H" || letter === "m");
}

const SPECIFIER = /%(.?)/gsu;
