import type { Problem, UnitName } from "@quarterdeck/model";
import { matchGlob, parseGlob } from "./glob.ts";
import type { FleetOptions } from "./parse-fleet-options.ts";
import { unitFault } from "./unit-fault.ts";

/** fleet's rules about which options go together; the first one that is broken, or `null`. */
export function checkFleetRules(options: FleetOptions, name: UnitName): Problem | null {
  const used = {
    MachineOf: options.machineOf.length > 0,
    Conflicts: options.conflicts.length > 0,
    Global: options.global,
    Replaces: options.replaces.length > 0,
  };
  if (options.machineId !== null) {
    const other = (["MachineOf", "Conflicts", "Global", "Replaces"] as const).find((key) => used[key]);
    if (other !== undefined) return together("MachineID", other);
  }
  if (options.global && used.MachineOf) return together("Global", "MachineOf");
  if (options.global && used.Replaces) return together("Global", "Replaces");
  if (used.Replaces && used.Conflicts) return together("Replaces", "Conflicts");
  for (const target of options.machineOf) {
    if (target === name)
      return unitFault(
        `MachineOf=${target} names the unit itself`,
        "name the unit whose machine this one should share",
      );
    if (options.replaces.includes(target))
      return unitFault(`${target} is in both MachineOf and Replaces`, "keep one of the two");
    const pattern = options.conflicts.find((glob) => matchesPattern(glob, target));
    if (pattern !== undefined)
      return unitFault(
        `MachineOf=${target} is on the same machine, which Conflicts=${pattern} forbids`,
        "keep one of the two",
      );
  }
  if (options.replaces.includes(name))
    return unitFault(`Replaces=${name} names the unit itself`, "name the unit that should make room");
  return checkOwnRules(options);
}

/** A key that could never have an effect beside another one is a misunderstanding. */
function checkOwnRules(options: FleetOptions): Problem | null {
  const { global, machineId, spread, singleton, reschedule, runOnce } = options;
  if (global && spread !== null) return together("Global", "Spread");
  if (global && singleton) return together("Global", "Singleton");
  if (global && runOnce) return together("Global", "RunOnce");
  if (global && reschedule !== "lost") return together("Global", "Reschedule");
  if (machineId !== null && spread !== null) return together("MachineID", "Spread");
  if (machineId !== null && reschedule === "failed") return together("MachineID", "Reschedule=failed");
  if (options.machineOf.length > 0 && spread !== null) return together("MachineOf", "Spread");
  return null;
}

/** Whether a pattern of `Conflicts=` matches a unit's name; a broken pattern matches nothing, as in fleet. */
export function matchesPattern(pattern: string, name: string): boolean {
  const glob = parseGlob(pattern);
  return glob.ok && matchGlob(glob.value, name);
}

function together(one: string, other: string): Problem {
  return unitFault(`${one} and ${other} cannot stand together in [X-Fleet]`, `remove ${one}= or ${other}=`);
}
