import type { UnitName } from "@quarterdeck/model";
import { matchGlob, parseGlob, type Glob } from "@quarterdeck/units";
import type { UnitView } from "./cluster-view.ts";

/** `Conflicts=` of all units, compiled once. */
export type ConflictRules = {
  /** No unit has any. */
  readonly isEmpty: boolean;
  /** Whether the unit's own patterns keep the other away. */
  forbids(unit: UnitName, other: UnitName): boolean;
  /** The stems of names that the unit's patterns can match; `null` for any. Empty for a unit without patterns. */
  stemsAgainst(unit: UnitName): readonly string[] | null;
  /** The stem of a unit's name, if some pattern asks for it by its stem or may match anything; else `null`. */
  stemOf(unit: UnitName): string | null;
};

type Compiled = { readonly globs: readonly Glob[]; readonly stems: readonly string[] | null };

const NONE: Compiled = { globs: [], stems: [] };

/** A stem is a name up to its `@`, or all of it; patterns such as `web@*.service` tell by it which units they can be about. */
export function createConflictRules(units: ReadonlyMap<UnitName, UnitView>): ConflictRules {
  const globs = new Map<string, Glob | null>();
  const rules = new Map<UnitName, Compiled>();
  const asked = new Set<string>();
  let anything = false;
  for (const { name, options } of units.values()) {
    if (options.conflicts.length === 0) continue;
    const compiled = compile(options.conflicts, globs);
    rules.set(name, compiled);
    if (compiled.stems === null) anything = true;
    for (const stem of compiled.stems ?? []) asked.add(stem);
  }
  return {
    isEmpty: rules.size === 0,
    forbids: (unit, other) => (rules.get(unit) ?? NONE).globs.some((glob) => matchGlob(glob, other)),
    stemsAgainst: (unit) => (rules.get(unit) ?? NONE).stems,
    stemOf(unit) {
      if (asked.size === 0 && !anything) return null;
      const stem = stemOfText(unit);
      return anything || asked.has(stem) ? stem : null;
    },
  };
}

function compile(patterns: readonly string[], globs: Map<string, Glob | null>): Compiled {
  const own: Glob[] = [];
  const stems = new Set<string | null>();
  for (const pattern of patterns) {
    let glob = globs.get(pattern);
    if (glob === undefined) {
      const parsed = parseGlob(pattern);
      glob = parsed.ok ? parsed.value : null;
      globs.set(pattern, glob);
    }
    // A broken pattern matches nothing, as in fleet.
    if (glob === null) continue;
    own.push(glob);
    stems.add(stemOfGlob(glob));
  }
  return { globs: own, stems: stems.has(null) ? null : [...stems].filter((stem) => stem !== null) };
}

function stemOfGlob({ prefix, tokens }: Glob): string | null {
  if (prefix.includes("@") || tokens.every(({ kind }) => kind === "literal")) return stemOfText(prefix);
  return null;
}

function stemOfText(text: string): string {
  const at = text.indexOf("@");
  return at < 0 ? text : text.slice(0, at + 1);
}
