import { templateOf, type Sha256, type UnitName } from "@quarterdeck/model";
import type { Facts } from "./facts.ts";

/**
 * Whether an instance has another text than its template has now: it keeps the one that it was made of until somebody gives it the new one. `hash` is of
 * what runs, or of what should; false for what is no instance, or whose template nobody submitted.
 */
export function isOutdated(facts: Facts, unit: UnitName, hash: Sha256 | null): boolean {
  const template = templateOf(unit);
  const current = template === null ? undefined : facts.units.get(template)?.value.hash;
  return hash !== null && current !== undefined && current !== hash;
}

/** For people: that it is outdated, and what makes it new. */
export function howToRenew(unit: UnitName): string {
  return `${templateOf(unit) ?? "its template"} has another text now; fleet start --replace ${unit}`;
}
