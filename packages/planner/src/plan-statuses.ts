import {
  reason,
  type MachineId,
  type Reason,
  type ReasonCode,
  type UnitName,
  type UnitStatus,
} from "@quarterdeck/model";
import { compareText } from "./cluster-index.ts";
import type { UnitView } from "./cluster-view.ts";
import type { DraftStep, Memory, PlanDraft, Standing } from "./plan-draft.ts";
import type { ScheduleStep } from "./schedule-step.ts";

/** Gives each step its group, hangs changed statuses on the unit's first step, and adds steps for those that changed alone. */
export function planStatuses(draft: PlanDraft): readonly ScheduleStep[] {
  const groupOf = new Map<UnitName, UnitName>();
  for (const { id, members } of draft.groups)
    if (members.length > 1) for (const { name } of members) groupOf.set(name, id);
  const changed = changedStatuses(draft);
  const steps: ScheduleStep[] = [];
  for (const step of draft.steps) {
    const status = changed.get(step.unit) ?? null;
    // What forgets or settles an old copy says nothing about where the unit is now.
    const carries =
      status !== null && step.kind !== "forget" && step.kind !== "settle" && namesMachine(step, status.machine);
    if (carries) changed.delete(step.unit);
    steps.push(withStatus(step, carries ? status : null, groupOf.get(step.unit) ?? step.unit));
  }
  for (const [unit, status] of [...changed].toSorted(([left], [right]) => compareText(left, right))) {
    const tail = { unit, status, reason: status.reason, group: groupOf.get(unit) ?? unit };
    if (status.phase === "unplaced" && draft.view.units.get(unit)?.unit.target !== "inactive")
      steps.push({ kind: "unplaceable", machine: null, ...tail });
    else steps.push({ kind: "record", machine: status.machine, ...tail });
  }
  return steps;
}

function namesMachine(step: DraftStep, machine: MachineId | null): boolean {
  return machine === null || step.machine === machine;
}

function withStatus(step: DraftStep, status: UnitStatus | null, group: UnitName): ScheduleStep {
  // The draft's own object, of which nobody else knows: a copy of each would be a tenth of what a large plan costs.
  return Object.assign(step, { status, group }) as ScheduleStep;
}

function changedStatuses(draft: PlanDraft): Map<UnitName, UnitStatus> {
  const changed = new Map<UnitName, UnitStatus>();
  for (const unit of draft.index.units) {
    const stored = draft.view.statuses.get(unit.name);
    const standing = draft.standings.get(unit.name) ?? restingStanding(unit, stored);
    const memory = draft.memories.get(unit.name);
    if (standing === null || (memory === undefined && stored !== undefined && says(stored, unit, standing))) continue;
    const { phase, machine, reason: why, refusals } = standing;
    const bare: UnitStatus = {
      v: 1,
      incarnation: unit.incarnation,
      phase,
      machine,
      reason: why,
      refusals,
      since: draft.now,
    };
    const last = phase === "unplaced" ? { lastMachine: lastMachine(unit, stored) } : null;
    // Most units are placed and there is nothing else to remember of them.
    const plain = last === null && stored === undefined && memory === undefined;
    changed.set(unit.name, plain ? bare : { ...bare, ...last, ...kept(unit, stored), ...memory });
  }
  return changed;
}

/** What the status remembers of the unit's present generation. */
function kept({ incarnation, unit }: UnitView, stored: UnitStatus | undefined): Memory {
  if (stored === undefined || stored.incarnation !== incarnation) return {};
  return {
    ...(stored.failures?.generation === unit.generation ? { failures: stored.failures } : {}),
    ...(stored.outcome?.generation === unit.generation ? { outcome: stored.outcome } : {}),
  };
}

function lastMachine(unit: UnitView, stored: UnitStatus | undefined): MachineId | null {
  if (stored === undefined || stored.incarnation !== unit.incarnation) return null;
  return stored.machine ?? stored.lastMachine ?? null;
}

/** A unit that is not wanted needs no status; one that it has from before is brought to rest. */
function restingStanding(unit: UnitView, stored: UnitStatus | undefined): Standing | null {
  if (unit.unit.target !== "inactive" || stored === undefined) return null;
  return {
    phase: "unplaced",
    machine: null,
    reason: reason("TARGET_CHANGED", `the target of ${unit.name} is inactive`),
    refusals: [],
  };
}

/** Why a unit that has a place does not run there; people ask for it. */
function isNotable({ code }: Reason): boolean {
  return NOTABLE.has(code);
}

const NOTABLE: ReadonlySet<ReasonCode> = new Set([
  "RESCHEDULE_NEVER",
  "NOT_RESTARTED",
  "RUN_ONCE_DONE",
  "WAITS_FOR_BACKOFF",
  "FAILED_FOR_GOOD",
]);

/** Words about a place that has not changed are not worth a write; words about why there is none are. */
function says(stored: UnitStatus, unit: UnitView, standing: Standing): boolean {
  if (stored.incarnation !== unit.incarnation || stored.phase !== standing.phase || stored.machine !== standing.machine)
    return false;
  const sameWords = stored.reason.code === standing.reason.code && stored.reason.text === standing.reason.text;
  const matters = standing.phase === "unplaced" || isNotable(stored.reason) || isNotable(standing.reason);
  if (matters && !sameWords) return false;
  return (
    stored.refusals.length === standing.refusals.length &&
    stored.refusals.every(({ machine, reason: why }, index) => {
      const other = standing.refusals[index];
      return machine === other?.machine && why.code === other.reason.code && why.text === other.reason.text;
    })
  );
}
