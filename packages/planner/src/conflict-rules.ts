import type { UnitName } from "@quarterdeck/model";
import { expandForMachine, matchGlob, parseGlob, type Glob, type MachineNames } from "@quarterdeck/units";
import type { UnitView } from "./cluster-view.ts";

/** `Conflicts=` of all units, compiled once. */
export type ConflictRules = {
  /** No unit has any. */
  readonly isEmpty: boolean;
  /** What the patterns say on a machine; on one that is not known, those that name the machine say nothing. */
  on(machine: MachineNames | null): Forbids;
  /** The stems of names that the unit's patterns can match; `null` for any. Empty for a unit without patterns. */
  stemsAgainst(unit: UnitName): readonly string[] | null;
  /** The stem of a unit's name, if some pattern asks for it by its stem or may match anything; else `null`. */
  stemOf(unit: UnitName): string | null;
};

/** Whether the unit's own patterns keep the other away. */
export type Forbids = (unit: UnitName, other: UnitName) => boolean;

type Compiled = {
  readonly globs: readonly Glob[];
  /** Patterns that are another on each machine. */
  readonly perMachine: readonly string[];
  readonly stems: readonly string[] | null;
};

const NONE: Compiled = { globs: [], perMachine: [], stems: [] };

/** A stem is a name up to its `@`, or all of it; patterns such as `web@*.service` tell by it which units they can be about. */
export function createConflictRules(units: ReadonlyMap<UnitName, UnitView>): ConflictRules {
  const globs = new Map<string, Glob | null>();
  const rules = new Map<UnitName, Compiled>();
  const asked = new Set<string>();
  let anything = false;
  let anyPerMachine = false;
  for (const { name, options } of units.values()) {
    if (options.conflicts.length === 0) continue;
    const compiled = compile(options.conflicts, globs);
    rules.set(name, compiled);
    if (compiled.stems === null) anything = true;
    if (compiled.perMachine.length > 0) anyPerMachine = true;
    for (const stem of compiled.stems ?? []) asked.add(stem);
  }
  const forbids: Forbids = (unit, other) => (rules.get(unit) ?? NONE).globs.some((glob) => matchGlob(glob, other));
  return {
    isEmpty: rules.size === 0,
    on(machine) {
      if (machine === null || !anyPerMachine) return forbids;
      const here = new Map<UnitName, readonly Glob[]>();
      const globsHere = (unit: UnitName): readonly Glob[] => {
        const known = here.get(unit);
        if (known !== undefined) return known;
        const made = (rules.get(unit) ?? NONE).perMachine.flatMap((pattern) => {
          const parsed = parseGlob(expandForMachine(pattern, machine, "pattern"));
          return parsed.ok ? [parsed.value] : [];
        });
        here.set(unit, made);
        return made;
      };
      return (unit, other) => forbids(unit, other) || globsHere(unit).some((glob) => matchGlob(glob, other));
    },
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
  const perMachine: string[] = [];
  const stems = new Set<string | null>();
  for (const pattern of patterns) {
    const isPerMachine = pattern.includes("%");
    if (isPerMachine) perMachine.push(pattern);
    let glob = globs.get(pattern);
    if (glob === undefined) {
      // With a star for each specifier it matches all that it may match on any machine, which is enough to tell by which stems.
      const parsed = parseGlob(isPerMachine ? pattern.replace(/%[%Hm]/g, "*") : pattern);
      glob = parsed.ok ? parsed.value : null;
      globs.set(pattern, glob);
    }
    // A broken pattern matches nothing, as in fleet.
    if (glob === null) continue;
    if (!isPerMachine) own.push(glob);
    stems.add(stemOfGlob(glob));
  }
  return { globs: own, perMachine, stems: stems.has(null) ? null : [...stems].filter((stem) => stem !== null) };
}

function stemOfGlob({ prefix, tokens }: Glob): string | null {
  if (prefix.includes("@") || tokens.every(({ kind }) => kind === "literal")) return stemOfText(prefix);
  return null;
}

function stemOfText(text: string): string {
  const at = text.indexOf("@");
  return at < 0 ? text : text.slice(0, at + 1);
}
