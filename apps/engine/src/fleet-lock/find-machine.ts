import { ranges, type Snapshot } from "@quarterdeck/etcd";
import type { MachineId } from "@quarterdeck/model";
import { deriveFleetLockId } from "./derive-fleet-lock-id.ts";

/** The machine that a FleetLock client's id stands for, of those that ever joined; null for an id of nobody's. */
export type FindMachine = (id: string) => MachineId | null;

/** Remembers ids, since every question asks for one and they never change. */
export function createMachineFinder(view: Snapshot): FindMachine {
  const known = new Map<string, MachineId>();
  let seen: unknown = null;
  return (id) => {
    const machines = view.list(ranges.machines);
    if (machines !== seen) {
      seen = machines;
      const derived = new Set(known.values());
      for (const { names } of machines) {
        const machine = names[0] as MachineId;
        if (!derived.has(machine)) known.set(deriveFleetLockId(machine), machine);
      }
    }
    return known.get(id) ?? null;
  };
}
