import { ranges, type Snapshot } from "@quarterdeck/etcd";
import type { Sha256 } from "@quarterdeck/model";

/** The text of every unit file by its hash, out of a snapshot that holds `unit-files/`. */
export function readUnitTexts(snapshot: Snapshot): ReadonlyMap<Sha256, string> {
  return new Map(snapshot.list(ranges.unitFiles).map((entry) => [entry.names[0] as Sha256, entry.value.text]));
}
