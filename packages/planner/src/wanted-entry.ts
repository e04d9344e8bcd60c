import type { Reason, ScheduleEntry } from "@quarterdeck/model";
import type { UnitView } from "./cluster-view.ts";

/** The live entry that a unit's record asks for; a unit whose target is inactive has none, and the caller has seen to that. */
export function wantedEntry({ unit, incarnation, options }: UnitView, reason: Reason): ScheduleEntry {
  return {
    v: 1,
    incarnation,
    generation: unit.generation,
    hash: unit.hash,
    environment: unit.environment,
    release: unit.origin.kind === "replica" ? unit.origin.release : null,
    target: { kind: unit.target === "launched" ? "launched" : "loaded" },
    reason,
    ...(unit.restartedAt === undefined ? {} : { restartedAt: unit.restartedAt }),
    ...(options.singleton ? { singleton: true } : {}),
    ...(options.identity === null ? {} : { identity: options.identity }),
  };
}

/** The same entry, not to be started: of a job that is done. */
export function restingEntry(entry: ScheduleEntry): ScheduleEntry {
  return { ...entry, target: { kind: "loaded" } };
}

/** The same entry, to be stopped. */
export function absentEntry(entry: ScheduleEntry, reason: Reason): ScheduleEntry {
  return { ...entry, target: { kind: "absent" }, reason };
}

/** What an entry has the machine do, without the words for it. */
export type Difference = "none" | "target" | "content";

/** How a live entry differs from what the unit's record asks for. */
export function diffEntry(entry: ScheduleEntry, wanted: ScheduleEntry): Difference {
  if (entry.target.kind !== wanted.target.kind) return "target";
  const same =
    entry.incarnation === wanted.incarnation &&
    entry.generation === wanted.generation &&
    entry.hash === wanted.hash &&
    entry.release === wanted.release &&
    sameEnvironment(entry.environment, wanted.environment);
  return same ? "none" : "content";
}

export function isLive({ target }: ScheduleEntry): boolean {
  return target.kind === "launched" || target.kind === "loaded";
}

function sameEnvironment(left: ScheduleEntry["environment"], right: ScheduleEntry["environment"]): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && left[name] === right[name])
  );
}
