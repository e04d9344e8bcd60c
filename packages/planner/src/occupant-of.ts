import type { ClusterIndex } from "./cluster-index.ts";
import type { ClusterView, EntryView } from "./cluster-view.ts";
import { rememberedOutcome } from "./finished-job.ts";
import type { Occupant } from "./occupancy.ts";
import { waitsInVain } from "./waits-in-vain.ts";
import { isLive } from "./wanted-entry.ts";

/** What an entry makes of its unit on its machine, before anything is planned; `null` of a job that is done, which takes no room there. */
export function occupantOf(view: ClusterView, index: ClusterIndex, at: EntryView): Occupant | null {
  if (!isLive(at.entry)) return waitsInVain(index, at) ? "waiting" : "leaving";
  const unit = view.units.get(at.unit);
  return unit !== undefined && rememberedOutcome(view, unit) !== null ? null : "live";
}
