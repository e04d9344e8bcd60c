import type { Logger } from "@quarterdeck/daemon";
import { splitUnitName, type UnitName } from "@quarterdeck/model";
import { isUp, type UnitManager } from "../ports.ts";
import { installOf } from "../unit-definition.ts";
import type { UnitFiles } from "../unit-files.ts";

export type LeftoverParts = { readonly files: UnitFiles; readonly manager: UnitManager; readonly log: Logger };

/**
 * Takes away the files of units that no entry names and that are down, and returns how many. What is up stays, an orphan though it is, and with it all that
 * has its name: a timer that runs needs its service.
 */
export async function removeLeftovers(
  { files, manager, log }: LeftoverParts,
  entries: { readonly has: (unit: UnitName) => boolean },
  signal: AbortSignal,
): Promise<number> {
  const unnamed = [...files.list()].filter(([unit]) => !entries.has(unit));
  const down: (readonly [UnitName, string])[] = [];
  const upNames = new Set<string>();
  for (const [unit, { text }] of unnamed) {
    if (isUp(await manager.properties(unit, signal))) upNames.add(nameOf(unit));
    else down.push([unit, text]);
  }
  const gone = down.filter(([unit]) => !upNames.has(nameOf(unit)));
  for (const [unit, text] of gone) {
    if (installOf(text) !== null) await manager.disable(unit, signal);
    files.remove(unit);
    log.info(
      { unit, reason: "no entry names it, and it is down" },
      `removed the file of ${unit}: no entry names it, and it is down`,
    );
  }
  return gone.length;
}

const nameOf = (unit: UnitName): string => splitUnitName(unit).prefix;
