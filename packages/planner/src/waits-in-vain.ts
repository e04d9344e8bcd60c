import type { ClusterIndex } from "./cluster-index.ts";
import type { EntryView } from "./cluster-view.ts";
import { doesBadly } from "./does-badly.ts";
import { hasAcknowledged } from "./has-acknowledged.ts";
import { isLive } from "./wanted-entry.ts";

/** Whether an old copy keeps running because its replacement was started and does badly: it is not on its way out. */
export function waitsInVain(index: ClusterIndex, { unit, entry }: EntryView): boolean {
  if (entry.target.kind !== "absentAfter") return false;
  const live = index.entriesOf.get(unit)?.find((other) => isLive(other.entry));
  const state = live === undefined ? null : index.stateOf(live.machine, unit);
  return live !== undefined && state !== null && doesBadly(state) && hasAcknowledged(state, live);
}
