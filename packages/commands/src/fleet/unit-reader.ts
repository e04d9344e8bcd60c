import { createHash } from "node:crypto";
import { keys, ranges, type IndexedSnapshot } from "@quarterdeck/etcd";
import type { Sha256 } from "@quarterdeck/model";
import { parseUnitOptions, renderUnitOptions, type UnitOption } from "@quarterdeck/units";
import { readUnitText } from "../facts/read-unit-text.ts";

/** A unit file as fleet's API shows it. */
export type FleetText = {
  readonly options: readonly UnitOption[];
  readonly global: boolean;
  /** SHA-1 of the options as fleet's clients write them: what they print as a unit's hash. */
  readonly hash: string;
};

/** Unit files by their hash, each read once: clients that wait ask four times a second. */
export class UnitReader {
  readonly #known = new Map<Sha256, FleetText>();

  /** `null` when the snapshot does not have it. */
  read(snapshot: IndexedSnapshot, hash: Sha256): FleetText | null {
    const known = this.#known.get(hash);
    if (known !== undefined) return known;
    const text = snapshot.get(keys.unitFile(hash))?.value.text;
    if (text === undefined) return null;
    const options = parseUnitOptions(text);
    const read: FleetText = {
      options,
      global: readUnitText(text).global,
      hash: createHash("sha1").update(renderUnitOptions(options)).digest("hex"),
    };
    this.#known.set(hash, read);
    return read;
  }

  /** Forgets what the cluster no longer has. */
  prune(snapshot: IndexedSnapshot): void {
    const files = snapshot.list(ranges.unitFiles);
    if (this.#known.size <= files.length) return;
    const kept = new Set(files.map(({ names }) => names[0]));
    for (const hash of this.#known.keys()) if (!kept.has(hash)) this.#known.delete(hash);
  }
}
