import { nearest } from "@quarterdeck/model";
import { warning, type Finding } from "../finding.ts";
import { FLEET_KEYS, FLEET_SECTION } from "../fleet-keys.ts";
import { SYSTEMD_KEYS } from "../systemd-keys.ts";
import type { Assignment, UnitDocument } from "../unit-document.ts";

/** Keys that systemd would skip with a line in its journal; `X-…` keys are meant to be skipped. */
export function findUnknownKeys(document: UnitDocument): readonly Finding[] {
  return document.items.flatMap((item) => {
    if (item.kind !== "assignment" || item.key.startsWith("X-")) return [];
    const known = SYSTEMD_KEYS.get(item.section);
    if (known === undefined || known.includes(item.key)) return [];
    return [warning({ rule: "unknown-key", ...explain(item, known) }, item)];
  });
}

function explain({ section, key, value }: Assignment, known: readonly string[]): { message: string; try: string } {
  const message = `systemd knows no ${key}= in [${section}] and ignores it`;
  const home = FLEET_KEYS.some((each) => each === key)
    ? FLEET_SECTION
    : [...SYSTEMD_KEYS].find(([, keys]) => keys.includes(key))?.[0];
  if (home !== undefined) return { message, try: `move it to [${home}]` };
  const close = nearest(key, known);
  return { message, try: close === null ? "remove it, or begin it with X-" : `${close}=${value}` };
}
