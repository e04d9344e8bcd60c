import {
  isWell,
  reason,
  type MachineId,
  type Reason,
  type RebootHolder,
  type Timestamp,
  type UnitName,
  type UnitState,
} from "@quarterdeck/model";
import { plus } from "./judge-step.ts";
import { isPresent, isWanted } from "./plan-draft.ts";
import { isOverdue, rebootObstacle } from "./reboot-obstacle.ts";
import type { RebootView } from "./reboot-view.ts";
import { isLive } from "./wanted-entry.ts";

/** How it goes on with a machine that has a slot. */
export type RebootVerdict =
  | { readonly kind: "waits"; readonly reason: Reason; readonly wakeAt: Timestamp | null }
  | { readonly kind: "drain"; readonly reason: Reason }
  /** `well`: what does well there now, and has to again afterwards. */
  | { readonly kind: "grant"; readonly reason: Reason; readonly well: readonly UnitName[] }
  | { readonly kind: "release"; readonly reason: Reason };

/** How long after a drain that failed another one is tried. */
const RETRY_SECONDS = 600;

export const DRAINING = reason("REBOOT_DRAINING", "its units are moved elsewhere first");

/** Judges a holder: emptied, then let go, then waited for until it is back and does well. It loses its slot by its own word or a person's alone. */
export function followReboot(view: RebootView, holder: RebootHolder, now: Timestamp): RebootVerdict {
  return holder.phase === "draining" ? followDrain(view, holder, now) : followAbsence(view, holder, now);
}

function followDrain(view: RebootView, holder: RebootHolder, now: Timestamp): RebootVerdict {
  const machine = view.cluster.machines.get(holder.machine);
  if (holder.steadyAt !== null)
    return { kind: "release", reason: reason("REBOOT_ENDED", "it no longer wants to reboot") };
  if (isPresent(machine) && !machine.cordoned)
    return { kind: "release", reason: reason("REBOOT_ENDED", "a person uncordoned it while it was drained") };
  const relocation = view.relocations.find(({ id }) => id === holder.relocation);
  if (relocation?.state === "ordered" || relocation?.state === "running") return waits(DRAINING);
  const obstacle = rebootObstacle(view, holder.machine, now);
  if (relocation?.state === "failed") {
    const due = plus(relocation.endedAt ?? now, RETRY_SECONDS);
    if (due > now)
      return waits(
        reason("REBOOT_DRAINING", `its drain failed and is tried again after 10 minutes: ${relocation.reason.text}`),
        due,
      );
  }
  if (obstacle !== null) return waits(obstacle);
  const known = new Set(relocation?.moves.flatMap(({ units }) => units));
  const isEmptied = relocation?.state === "done" && movableUnits(view, holder.machine).every((unit) => known.has(unit));
  if (!isEmptied) return { kind: "drain", reason: DRAINING };
  return {
    kind: "grant",
    reason: reason("REBOOT_GRANTED", "it is empty of what can move and may reboot"),
    well: wellUnits(view, holder.machine),
  };
}

function followAbsence(view: RebootView, holder: RebootHolder, now: Timestamp): RebootVerdict {
  const missing = whatIsMissing(view, holder);
  if (holder.steadyAt !== null && missing === null)
    return { kind: "release", reason: reason("REBOOT_ENDED", "it is back and does well") };
  if (isOverdue(view, holder, now)) {
    const what = missing ?? "it has not said that it is done";
    return waits(reason("REBOOT_OVERDUE", `it may reboot since ${holder.since}, and ${what}`));
  }
  const wakeAt = plus(holder.since, view.overdueSeconds);
  if (holder.steadyAt !== null && missing !== null) return waits(reason("REBOOT_NOT_STEADY", missing), wakeAt);
  return waits(reason("REBOOT_GRANTED", "it is empty of what can move and may reboot"), wakeAt);
}

function waits(why: Reason, wakeAt: Timestamp | null = null): RebootVerdict {
  return { kind: "waits", reason: why, wakeAt };
}

/** What keeps a machine from being as well as it was before. */
function whatIsMissing(view: RebootView, { machine, well }: RebootHolder): string | null {
  if (!isPresent(view.cluster.machines.get(machine))) return "it is not back";
  const here = new Set(launchedUnits(view, machine));
  const states = statesAt(view, machine);
  const bootId = view.bootIds.get(machine);
  const late = well.filter((unit) => here.has(unit) && !isBack(states.get(unit), bootId));
  const [first] = late;
  if (first === undefined) return null;
  return `${first}${late.length === 1 ? "" : ` and ${late.length - 1} more`} did well there before and does not yet again`;
}

/** Reported since the boot, and well; what ended by itself and in order was meant to. */
function isBack(state: UnitState | undefined, bootId: string | undefined): boolean {
  if (state === undefined || state.bootId !== bootId) return false;
  return isWell(state) || (state.active === "inactive" && state.result === "success");
}

function statesAt({ cluster }: RebootView, machine: MachineId): ReadonlyMap<UnitName, UnitState> {
  return new Map(
    cluster.states.flatMap((known) => (known.machine === machine ? [[known.unit, known.state] as const] : [])),
  );
}

function wellUnits(view: RebootView, machine: MachineId): readonly UnitName[] {
  const states = statesAt(view, machine);
  return launchedUnits(view, machine)
    .filter((unit) => {
      const state = states.get(unit);
      return state !== undefined && isWell(state) && view.cluster.units.get(unit)?.options.runOnce === false;
    })
    .toSorted();
}

function launchedUnits({ cluster }: RebootView, machine: MachineId): readonly UnitName[] {
  return cluster.entries
    .filter((known) => known.machine === machine && known.entry.target.kind === "launched")
    .map(({ unit }) => unit);
}

function movableUnits({ cluster }: RebootView, machine: MachineId): readonly UnitName[] {
  return cluster.entries
    .filter((known) => known.machine === machine && isLive(known.entry))
    .flatMap(({ unit }) => cluster.units.get(unit) ?? [])
    .filter((unit) => isWanted(unit) && !unit.options.global)
    .map(({ name }) => name);
}
