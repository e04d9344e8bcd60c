import { reason, type MachineId, type Reason } from "@quarterdeck/model";
import type { EntryView, MachineView, UnitView } from "./cluster-view.ts";
import { entryOf, finishedJob } from "./finished-job.ts";
import { judgeFit, judgeFollowing, judgeStaying, type Surroundings } from "./judge-machine.ts";
import { isPresent, machinesLostTo, placedStanding, type PlanDraft } from "./plan-draft.ts";
import { isUnfenced, removeEntry } from "./plan-leaving.ts";
import { rollGlobal } from "./roll-global.ts";
import { staysLost } from "./stays-lost.ts";
import { diffEntry, isLive } from "./wanted-entry.ts";

/**
 * Live entries of wanted units: kept where they are while their constraints hold, brought up to date, or stopped with the reason.
 * Must run for all units, oldest first, before anything is placed, so that what runs has the right of way.
 */
export function planKeeping(draft: PlanDraft, unit: UnitView, group: readonly UnitView[]): void {
  const live = (draft.index.entriesOf.get(unit.name) ?? []).filter((entry) => isLive(entry.entry));
  if (unit.options.global) {
    const waits = rollGlobal(draft, unit, live);
    for (const entry of live) keepOrRemove(draft, unit, { ...entry, waits: waits.get(entry.machine) });
    return;
  }
  const [primary, ...others] = byMerit(draft, unit, live);
  if (primary === undefined) return;
  for (const entry of others) {
    const why = reason(
      "UNIT_CHANGED",
      `${unit.name} is to run once, and ${draft.index.nameOf(primary.machine)} has it`,
    );
    removeEntry(draft, entry, why);
  }
  if (!machinesLostTo(draft, unit).has(primary.machine)) keepOrRemove(draft, unit, primary);
  else {
    const why = staysLost(draft, primary, { unit, group });
    if (why === null) draft.lostEntries.set(unit.name, primary);
    else stay(draft, unit, { ...primary, why });
  }
}

/** What judging needs to know of the plan so far; one for each draft. */
export function surroundings(draft: PlanDraft): Surroundings {
  const known = SURROUNDINGS.get(draft);
  if (known !== undefined) return known;
  const made: Surroundings = {
    occupancy: draft.occupancy,
    locate: (target) => locate(draft, target),
    nameOf: (machine) => draft.index.nameOf(machine),
  };
  SURROUNDINGS.set(draft, made);
  return made;
}

const SURROUNDINGS = new WeakMap<PlanDraft, Surroundings>();

type Kept = EntryView & {
  /** What keeps the unit where it is although its machine is lost. */
  readonly why?: Reason;
  /** What its change waits for. */
  readonly waits?: Reason | undefined;
};

function keepOrRemove(draft: PlanDraft, unit: UnitView, entry: Kept): void {
  const machine = draft.view.machines.get(entry.machine);
  if (!isPresent(machine)) {
    // Silence changes nothing but what a person asked for; the agent will read that when it is back.
    const held = draft.losses.heldBy(entry.machine);
    if (held !== null) draft.holds.push({ unit: unit.name, machine: entry.machine, reason: held });
    stay(draft, unit, entry);
    return;
  }
  const done = finishedJob(draft, unit, entry);
  const misfit =
    judgeFit(unit.options, machine) ??
    judgeTargets(draft, unit, machine) ??
    // A job that is done is in nobody's way, nor is anybody in its.
    (done === null ? judgeStaying(unit, machine, surroundings(draft)) : null);
  // Only a copy that was started behind its machine's fence may later be believed to be stopped by it.
  const why =
    misfit === null && isUnfenced(unit, entry)
      ? reason("UNIT_CHANGED", `${unit.name} is a singleton now, and begins anew`)
      : misfit && reason("CONSTRAINT_BROKEN", misfit.text);
  if (why === null) {
    stay(draft, unit, entry);
    return;
  }
  removeEntry(draft, entry, why);
  // Its end is written down with the stop: the state that tells of it goes, and without it the job would be run again elsewhere.
  if (done !== null) draft.standings.set(unit.name, placedStanding(entry.machine, doneReason(unit, machine.hostname)));
}

/** A target that is about to be replaced elsewhere decides nothing yet: its followers go where it goes, one pass later. */
function judgeTargets(draft: PlanDraft, unit: UnitView, machine: MachineView): Reason | null {
  const { machineOf } = unit.options;
  const settled = machineOf.filter((target) => !draft.lostEntries.has(target));
  const follower =
    settled.length === machineOf.length ? unit : { ...unit, options: { ...unit.options, machineOf: settled } };
  return judgeFollowing(follower, machine, surroundings(draft))?.reason ?? null;
}

function stay(draft: PlanDraft, unit: UnitView, entry: Kept): void {
  const done = finishedJob(draft, unit, entry);
  // A job that is done takes no room and is in nobody's way.
  if (done === null) draft.occupancy.add(entry.machine, unit.name, "live");
  const at = draft.index.nameOf(entry.machine);
  if (!unit.options.global) {
    const resting = done === null ? null : doneReason(unit, at);
    const standing = entry.why ?? resting ?? reason("STAYS", `${unit.name} stays on ${at}`);
    draft.located.set(unit.name, entry.machine);
    draft.standings.set(unit.name, placedStanding(entry.machine, standing));
  }
  // The entry goes on saying how the copy was started; see keepOrRemove.
  if (isUnfenced(unit, entry)) return;
  const wanted = entryOf(draft, unit, entry.entry.reason);
  const difference = diffEntry(entry.entry, wanted);
  if (difference === "none") return;
  if (entry.waits !== undefined) {
    draft.holds.push({ unit: unit.name, machine: entry.machine, reason: entry.waits });
    return;
  }
  const why = differenceReason(difference, unit, done === null ? null : at);
  draft.steps.push({
    kind: "update",
    machine: entry.machine,
    unit: unit.name,
    entry: { ...wanted, reason: why },
    expects: entry.modRevision,
    reason: why,
  });
}

function doneReason({ name }: UnitView, at: string): Reason {
  return reason("RUN_ONCE_DONE", `${name} has done its job on ${at}`);
}

function differenceReason(difference: "target" | "content", { name, unit }: UnitView, doneAt: string | null): Reason {
  if (difference === "content") return reason("UNIT_CHANGED", `${name} changed: generation ${unit.generation}`);
  return doneAt === null
    ? reason("TARGET_CHANGED", `the target of ${name} is ${unit.target}`)
    : reason("RUN_ONCE_DONE", `${name} has done its job on ${doneAt}, and RunOnce= keeps it from being run again`);
}

/**
 * Where a target of MachineOf is: known when it came before in this phase, else by its entry (in a ring, the one that comes later).
 * Global units and strangers are nowhere: nothing can follow them.
 */
export function locate(draft: PlanDraft, target: UnitView["name"]): MachineId | null {
  const known = draft.located.get(target);
  if (known !== undefined) return known;
  const unit = draft.view.units.get(target);
  if (unit === undefined || unit.options.global || unit.unit.target === "inactive") return null;
  if (draft.stopping.has(target) || draft.lostEntries.has(target)) return null;
  return (
    draft.index.entriesOf.get(target)?.find((entry) => isLive(entry.entry) && !draft.losses.lost.has(entry.machine))
      ?.machine ?? null
  );
}

/** Of several live entries the one to keep: on a machine that answers, running, by id. One is the rule; more come from a unit that was Global. */
function byMerit(draft: PlanDraft, unit: UnitView, entries: readonly EntryView[]): readonly EntryView[] {
  if (entries.length < 2) return entries;
  const merit = (entry: EntryView): number =>
    (isPresent(draft.view.machines.get(entry.machine)) ? 2 : 0) +
    (draft.index.stateOf(entry.machine, unit.name)?.active === "active" ? 1 : 0);
  return entries.toSorted((left, right) => merit(right) - merit(left));
}
