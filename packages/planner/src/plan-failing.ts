import { reason, type MachineId, type Reason, type UnitName } from "@quarterdeck/model";
import type { EntryView, MachineView, UnitView } from "./cluster-view.ts";
import { countFailure, hasGivenUp } from "./count-failures.ts";
import { isPresent, placedStanding, type PlanDraft } from "./plan-draft.ts";
import { displace, hasElsewhere } from "./plan-replacing.ts";
import { isLive } from "./wanted-entry.ts";

/**
 * `Reschedule=failed`: what has failed for good where it is goes elsewhere, if there is an elsewhere, after a back-off. Must run when all that
 * stays is known.
 */
export function planFailing(draft: PlanDraft, wanted: readonly UnitView[]): void {
  for (const unit of wanted) {
    if (unit.options.reschedule !== "failed") continue;
    const at = draft.located.get(unit.name);
    const machine = at === undefined ? undefined : draft.view.machines.get(at);
    const entry = draft.index.entriesOf
      .get(unit.name)
      ?.find((candidate) => candidate.machine === at && isLive(candidate.entry));
    if (entry !== undefined && isPresent(machine) && hasGivenUp(draft, unit, entry))
      moveOn(draft, unit, { entry, machine });
  }
}

function moveOn(
  draft: PlanDraft,
  unit: UnitView,
  { entry, machine }: { readonly entry: EntryView; readonly machine: MachineView },
): void {
  const where = { unit: unit.name, machine: machine.machine };
  if (!hasElsewhere(draft, unit, machine)) {
    const text = `${unit.name} failed for good on ${machine.hostname}, and no other machine may take it`;
    holdBack(draft, where, reason("FAILED_FOR_GOOD", text));
    return;
  }
  const { failures, dueAt } = countFailure(draft, unit, machine.machine);
  if (dueAt > draft.now) {
    const text = `${unit.name} failed for good on ${machine.hostname}; move ${failures.count} is due at ${dueAt}`;
    holdBack(draft, where, reason("WAITS_FOR_BACKOFF", text));
    draft.wakes.push(dueAt);
    return;
  }
  const result = draft.index.stateOf(machine.machine, unit.name)?.result ?? "unknown";
  const why = reason(
    "FAILED_FOR_GOOD",
    `${unit.name} failed for good on ${machine.hostname} (${result}), and Reschedule=failed moves it: move ${failures.count}`,
  );
  displace(draft, entry, why);
  draft.memories.set(unit.name, { ...draft.memories.get(unit.name), failures });
  draft.standings.set(unit.name, { phase: "unplaced", machine: null, reason: why, refusals: [] });
}

function holdBack(
  draft: PlanDraft,
  { unit, machine }: { readonly unit: UnitName; readonly machine: MachineId },
  why: Reason,
): void {
  draft.holds.push({ unit, machine, reason: why });
  draft.standings.set(unit, placedStanding(machine, why));
}
