import type { MachineId, Timestamp, UnitFailures } from "@quarterdeck/model";
import type { EntryView, UnitView } from "./cluster-view.ts";
import { plus } from "./judge-step.ts";
import type { PlanDraft } from "./plan-draft.ts";

/** How long the second move waits after the first; each further one twice as long as the one before. */
const BACKOFF_SECONDS = 10;
const MOST_BACKOFF_SECONDS = 600;
/** A unit that has done well for this long since its last move has a clean record. */
const FORGOTTEN_SECONDS = 3600;
/** Of the machines where it failed; enough to go round most clusters. */
const MOST_MACHINES = 32;

/**
 * Whether systemd has given the unit up on the machine, in its present generation: failed, and not about to be restarted. A failure of an
 * older generation says nothing about this one.
 */
export function hasGivenUp({ index }: PlanDraft, { name, incarnation, unit }: UnitView, at: EntryView): boolean {
  const state = index.stateOf(at.machine, name);
  return (
    state !== null &&
    unit.target === "launched" &&
    at.entry.target.kind === "launched" &&
    state.incarnation === incarnation &&
    state.generation === unit.generation &&
    // systemd 254 passes through `failed` on its way to a restart; the sub-state tells the two apart.
    state.active === "failed" &&
    state.sub === "failed" &&
    // Stopped by its fence, perhaps by force: that says nothing about the unit.
    state.problem?.code !== "FENCED"
  );
}

/** The moves after failures that still count for the unit's present generation. */
export function failuresOf(
  { view, now }: Pick<PlanDraft, "view" | "now">,
  { name, incarnation, unit }: UnitView,
): UnitFailures | null {
  const status = view.statuses.get(name);
  const failures = status?.incarnation === incarnation ? (status.failures ?? null) : null;
  if (failures === null || failures.generation !== unit.generation) return null;
  return plus(failures.at, FORGOTTEN_SECONDS) > now ? failures : null;
}

/** What is to be remembered when the unit is moved off a machine where it failed, and from when on it may be. */
export function countFailure(
  draft: PlanDraft,
  unit: UnitView,
  machine: MachineId,
): { readonly failures: UnitFailures; readonly dueAt: Timestamp } {
  const before = failuresOf(draft, unit);
  const machines = [...(before?.machines ?? []).filter((known) => known !== machine), machine];
  return {
    failures: {
      generation: unit.unit.generation,
      count: (before?.count ?? 0) + 1,
      machines: machines.slice(-MOST_MACHINES),
      at: draft.now,
    },
    dueAt: before === null ? draft.now : plus(before.at, backoffSeconds(before.count)),
  };
}

function backoffSeconds(moves: number): number {
  return Math.min(MOST_BACKOFF_SECONDS, BACKOFF_SECONDS * 2 ** (moves - 1));
}
