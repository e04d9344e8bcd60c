import type { UnitState } from "@quarterdeck/model";
import type { EntryView } from "./cluster-view.ts";

/** Whether the agent reported the state after it had carried out this entry, or a later one. @see docs/protocol.md */
export function hasAcknowledged(
  { entryRevision }: UnitState,
  { modRevision }: Pick<EntryView, "modRevision">,
): boolean {
  return entryRevision !== null && BigInt(entryRevision) >= modRevision;
}
