import { keys, ranges, type Entry, type Snapshot } from "@quarterdeck/etcd";
import { isWell, type MachineId, type Unit, type UnitName } from "@quarterdeck/model";
import { presentMachines } from "./present-machines.ts";

/** Whether some present machine runs exactly this unit as it should be now, and its health check, where it has one, passes. */
export function isServing(view: Snapshot, unit: Entry<Unit>): boolean {
  const name = (unit.names[0] ?? "") as UnitName;
  const present = presentMachines(view);
  return view.list(ranges.schedules).some(({ names, value: entry }) => {
    const machine = names[0] as MachineId;
    if (names[1] !== name || entry.target.kind !== "launched" || !present.has(machine)) return false;
    if (entry.generation !== unit.value.generation || entry.incarnation !== String(unit.createRevision)) return false;
    const state = view.get(keys.state(machine, name))?.value;
    if (state === undefined || !isWell(state) || state.incarnation !== entry.incarnation) return false;
    return state.release === entry.release && state.hash === entry.hash;
  });
}
