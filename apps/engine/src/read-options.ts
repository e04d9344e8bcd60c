import type { Sha256, UnitName } from "@quarterdeck/model";
import { parseFleetOptions, parseUnitFile, type FleetOptions } from "@quarterdeck/units";

/**
 * `[X-Fleet]` of a unit's text, or `null` when the text is missing or cannot be read; answered from memory where it was asked before, without
 * looking for the text.
 */
export type ReadOptions = (name: UnitName, hash: Sha256, text: () => string | null) => FleetOptions | null;

/** Remembers options by unit and text, since a text never changes and every pass asks for all of them. */
export function createOptionsReader(): ReadOptions {
  const known = new Map<string, FleetOptions>();
  return (name, hash, text) => {
    const asked = `${name} ${hash}`;
    const found = known.get(asked);
    if (found !== undefined) return found;
    const read = text();
    if (read === null) return null;
    const document = parseUnitFile(read);
    const options = document.ok ? parseFleetOptions(document.value, name) : document;
    if (!options.ok) return null;
    known.set(asked, options.value);
    return options.value;
  };
}
