import { ranges, type Snapshot } from "@quarterdeck/etcd";
import type { MachineId } from "@quarterdeck/model";

/** Machines whose presence key is there, also when this process cannot read its value: a newer agent is not a dead one. */
export function presentMachines(view: Snapshot): ReadonlySet<MachineId> {
  const read = view.list(ranges.presences).map(({ path }) => path);
  const unread = view.unreadable(ranges.presences).map(({ path }) => path);
  return new Set([...read, ...unread].map((path) => path.split("/")[1] as MachineId));
}
