import { assertNever, reason, type Problem, type Reason, type ScheduleEntry, type UnitName } from "@quarterdeck/model";
import { isSameDefinition, type AppliedUnit, type AppliedUnits } from "./applied-unit.ts";
import { noFence, notConfirmed, stoppedByFence } from "./fence/fence-problems.ts";
import { isUp, type UnitProperties } from "./ports.ts";
import { takenName } from "./taken-name.ts";
import type { WrittenUnit } from "./unit-files.ts";

/** An entry of the schedule and its mod revision as a decimal string. */
export type ScheduledUnit = { readonly entry: ScheduleEntry; readonly revision: string };

/** What the agent is doing about a unit at this moment. */
export type Busy = "start" | "restart" | "stop";

/** All that a pass decides from, taken at one moment. */
export type PassInput = {
  readonly bootId: string;
  readonly entries: ReadonlyMap<UnitName, ScheduledUnit>;
  /** Drop-ins as they should be, by unit; `null` for none. */
  readonly dropIns: ReadonlyMap<UnitName, string | null>;
  readonly files: ReadonlyMap<UnitName, WrittenUnit>;
  readonly observed: ReadonlyMap<UnitName, UnitProperties>;
  readonly applied: AppliedUnits;
  readonly busy: ReadonlyMap<UnitName, Busy>;
  /** What singletons run behind; `null` where units run on something that has no fence. */
  readonly fence: FenceView | null;
  /** What keeps units from being handed the certificates that they ask for; such a unit is not started, and what runs of it stays. */
  readonly unidentified: ReadonlyMap<UnitName, Problem>;
  /** Whether systemd loaded the unit from where we put ours. */
  readonly isOurPath: (path: string, unit: UnitName) => boolean;
};

/** The machine's fence, asked after the units: what it has stopped was not seen to be down before the fence was. */
export type FenceView = {
  /** Other with each time that it was raised; empty while it is down. */
  readonly invocationId: string;
  /** Whether etcd confirms, on a lease that it acknowledges, that the entry of this revision is in force. */
  permits(unit: UnitName, revision: string): boolean;
};

export type Act =
  | { readonly kind: "start" | "restart"; readonly unit: UnitName; readonly reason: Reason }
  /** Stop it and, when the target is `absent`, take its files away. */
  | { readonly kind: "stop"; readonly unit: UnitName; readonly reason: Reason }
  /** Nothing to do in systemd: only record that the entry is carried out. */
  | { readonly kind: "acknowledge"; readonly unit: UnitName; readonly reason: Reason }
  /** No entry and nothing of it left: drop the record. */
  | { readonly kind: "forget"; readonly unit: UnitName }
  | { readonly kind: "refuse"; readonly unit: UnitName; readonly problem: Problem };

/** Carried out in this order: all writes, one reload if `reload` or a written unit turns out to need it, then the acts. */
export type PassPlan = {
  readonly writes: readonly UnitName[];
  readonly reload: boolean;
  readonly acts: readonly Act[];
};

/**
 * Decides one pass. Only an entry that says so stops a unit: `absent`, or `loaded` of a generation not yet acted on. What no
 * entry names is left alone, and what runs by the definition of its entry is adopted without a restart.
 */
export function planPass(input: PassInput): PassPlan {
  const writes: UnitName[] = [];
  const acts: Act[] = [];
  for (const [unit, scheduled] of input.entries) {
    const step = planUnit(unit, scheduled, input);
    if (step.write) writes.push(unit);
    if (step.act !== null) acts.push(step.act);
  }
  for (const unit of input.applied.keys()) {
    if (!input.entries.has(unit) && !input.files.has(unit) && !input.busy.has(unit))
      acts.push({ kind: "forget", unit });
  }
  const reload = acts.some((act) => begins(act) && input.observed.get(act.unit)?.needReload === true);
  return { writes, reload, acts };
}

type Step = { readonly write: boolean; readonly act: Act | null };

const nothing: Step = { write: false, act: null };

function planUnit(unit: UnitName, scheduled: ScheduledUnit, input: PassInput): Step {
  const { entry } = scheduled;
  const observed = input.observed.get(unit);
  if (observed === undefined) return nothing;
  if (isForeign(unit, observed, input)) {
    const ended = entry.target.kind === "absent" || entry.target.kind === "absentAfter";
    const problem: Problem = { code: "CONFLICT", ...takenName(unit, observed.fragmentPath) };
    return { write: false, act: ended ? acknowledge(unit, scheduled, input) : { kind: "refuse", unit, problem } };
  }
  switch (entry.target.kind) {
    case "absentAfter":
      // Two copies of a singleton must not wait for each other.
      if (entry.singleton === true) return { write: false, act: planAbsent(unit, scheduled, observed, input) };
      return { write: false, act: acknowledge(unit, scheduled, input) };
    case "absent":
      return { write: false, act: planAbsent(unit, scheduled, observed, input) };
    case "loaded":
      return { write: !isWritten(unit, entry, input), act: planLoaded(unit, scheduled, observed, input) };
    case "launched":
      return {
        write: !isWritten(unit, entry, input),
        act: planIdentified(unit, scheduled, observed, input),
      };
    default:
      return assertNever(entry.target);
  }
}

function planAbsent(unit: UnitName, scheduled: ScheduledUnit, observed: UnitProperties, input: PassInput): Act | null {
  const busy = input.busy.get(unit);
  if (busy === "stop") return null;
  if (isUp(observed) || busy !== undefined || input.files.has(unit))
    return { kind: "stop", unit, reason: scheduled.entry.reason };
  return acknowledge(unit, scheduled, input);
}

function planLoaded(unit: UnitName, scheduled: ScheduledUnit, observed: UnitProperties, input: PassInput): Act | null {
  const busy = input.busy.get(unit);
  if (busy === "stop") return null;
  const record = input.applied.get(unit);
  const acted =
    record?.target === "loaded" &&
    record.generation === scheduled.entry.generation &&
    record.incarnation === scheduled.entry.incarnation;
  if (!acted && (isUp(observed) || busy !== undefined)) return { kind: "stop", unit, reason: scheduled.entry.reason };
  return acknowledge(unit, scheduled, input);
}

/** Whether the unit would run anew by it. */
function begins(act: Act | null): boolean {
  return act?.kind === "start" || act?.kind === "restart";
}

/** Without its certificate a unit would start only to fail. */
function planIdentified(
  unit: UnitName,
  scheduled: ScheduledUnit,
  observed: UnitProperties,
  input: PassInput,
): Act | null {
  const act = (scheduled.entry.singleton === true ? planSingleton : planLaunched)(unit, scheduled, observed, input);
  const problem = input.unidentified.get(unit);
  if (problem === undefined || !begins(act)) return act;
  return { kind: "refuse", unit, problem };
}

/** As any other, but it starts only where etcd says so now, and again after its fence has stopped it. */
function planSingleton(
  unit: UnitName,
  scheduled: ScheduledUnit,
  observed: UnitProperties,
  input: PassInput,
): Act | null {
  const { fence } = input;
  if (fence === null) return { kind: "refuse", unit, problem: noFence(unit) };
  const fenced = isFenced(unit, observed, { ...input, fence });
  const act: Act | null = fenced
    ? {
        kind: "start",
        unit,
        reason: reason("FENCED", "its fence had stopped it; etcd answers again and wants it here"),
      }
    : planLaunched(unit, scheduled, observed, input);
  if (!begins(act) || fence.permits(unit, scheduled.revision)) return act;
  return { kind: "refuse", unit, problem: fenced ? stoppedByFence(unit) : notConfirmed(unit) };
}

function isFenced(
  unit: UnitName,
  observed: UnitProperties,
  { busy, applied, bootId, fence }: Pick<PassInput, "busy" | "applied" | "bootId"> & { readonly fence: FenceView },
): boolean {
  const record = applied.get(unit);
  if (isUp(observed) || busy.has(unit) || record === undefined || record.bootId !== bootId) return false;
  return typeof record.fence === "string" && record.fence !== fence.invocationId;
}

function planLaunched(
  unit: UnitName,
  scheduled: ScheduledUnit,
  observed: UnitProperties,
  input: PassInput,
): Act | null {
  const { entry } = scheduled;
  const busy = input.busy.get(unit);
  const record = input.applied.get(unit);
  const current = record !== undefined && isSameDefinition(record, entry);
  if (busy === "stop") return null;
  if (busy !== undefined)
    return current
      ? null
      : { kind: "restart", unit, reason: reason("UNIT_CHANGED", "the entry changed while it was starting") };
  if (isUp(observed) && observed.active !== "deactivating") {
    if (record === undefined)
      return isWritten(unit, entry, input) ? acknowledge(unit, scheduled, input) : changed(unit, entry);
    if (!current) return changed(unit, entry);
    if (wasInterrupted(record, observed, input)) return changed(unit, entry);
    return acknowledge(unit, scheduled, input);
  }
  const acted =
    record !== undefined &&
    current &&
    record.target === "launched" &&
    record.bootId === input.bootId &&
    record.generation === entry.generation;
  if (acted && !wasInterrupted(record, observed, input)) return acknowledge(unit, scheduled, input);
  return { kind: "start", unit, reason: entry.reason };
}

const changed = (unit: UnitName, entry: ScheduleEntry): Act => ({
  kind: "restart",
  unit,
  reason: reason(
    "UNIT_CHANGED",
    entry.release === null ? `generation ${entry.generation}` : `release ${entry.release}`,
  ),
});

/** The agent died between writing down a start and hearing of it, and systemd never got the order. */
function wasInterrupted(record: AppliedUnit, observed: UnitProperties, input: PassInput): boolean {
  return (
    record.acting !== null && record.bootId === input.bootId && record.acting.invocationBefore === observed.invocationId
  );
}

function acknowledge(unit: UnitName, scheduled: ScheduledUnit, input: PassInput): Act | null {
  const record = input.applied.get(unit);
  if (
    record !== undefined &&
    record.entryRevision === scheduled.revision &&
    record.acting === null &&
    record.bootId === input.bootId &&
    fenceOf(unit, scheduled, input) === (record.fence ?? null)
  )
    return null;
  return { kind: "acknowledge", unit, reason: reason("STAYS", "nothing to do") };
}

/** The fence that the unit runs behind, for the record: that it ended while its fence stood is not to be taken for the fence's doing later. */
export function fenceOf(
  unit: UnitName,
  { entry }: ScheduledUnit,
  { observed, applied, fence }: Pick<PassInput, "observed" | "applied" | "fence">,
): string | null {
  const properties = observed.get(unit);
  if (entry.singleton !== true || fence === null || properties === undefined || !isUp(properties)) return null;
  return applied.get(unit)?.fence ?? (fence.invocationId === "" ? null : fence.invocationId);
}

function isWritten(unit: UnitName, entry: ScheduleEntry, input: PassInput): boolean {
  const file = input.files.get(unit);
  return (
    file !== undefined &&
    file.link === "ours" &&
    file.hash === entry.hash &&
    file.dropIn === (input.dropIns.get(unit) ?? null)
  );
}

/** A unit of that name came with the operating system, or was put there by somebody else. It is not ours to start, stop or report. */
export function isForeign(
  unit: UnitName,
  observed: UnitProperties,
  input: Pick<PassInput, "files" | "applied" | "bootId" | "isOurPath">,
): boolean {
  if (observed.fragmentPath === "") return false;
  if (!input.isOurPath(observed.fragmentPath, unit)) return true;
  const file = input.files.get(unit);
  // Without a file of ours only the record can tell that a unit at this place was ours before somebody took the file away.
  return file === undefined ? input.applied.get(unit)?.bootId !== input.bootId : file.link === "taken";
}
