import { reason, type MachineId, type Reason, type Timestamp } from "@quarterdeck/model";
import { compareText, type ClusterIndex } from "./cluster-index.ts";
import type { ClusterView, MachinePresence, MachineView } from "./cluster-view.ts";

export type Losses = {
  /** Machines whose units may be replaced now. */
  readonly lost: ReadonlySet<MachineId>;
  /** These and those that only the brake and the pace of losses keep from being lost: units with `System=true` are replaced there. */
  readonly overdue: ReadonlySet<MachineId>;
  readonly brake: Reason | null;
  /** Why the units of a silent machine are left where they are; `null` for one that is present or lost. */
  heldBy(machine: MachineId): Reason | null;
};

/** How long a machine that was declared lost still counts as part of the same mishap. */
const MISHAP_SECONDS = 600;

/** Which silences count as losses, after grace, mirror and brake. @see architecture.md §4 rule 4 */
export function assessLosses(view: ClusterView, index: ClusterIndex, now: Timestamp): Losses {
  const brake = view.mayActOnLosses ? findBrake(view, index, now) : null;
  const paced = view.mayActOnLosses && brake === null ? paceLosses(view, index, now) : new Set<MachineId>();
  const lost = new Set<MachineId>();
  const overdue = new Set<MachineId>();
  const held = new Map<MachineId, Reason>();
  for (const { machine, hostname, presence } of index.machines) {
    if (presence.kind === "present") continue;
    if (!view.mayActOnLosses)
      held.set(
        machine,
        reason("STALE_MIRROR", `${hostname} is silent; the engine's view is not yet old enough to call it lost`),
      );
    else if (!presence.graceOver)
      held.set(machine, reason("WAITS_FOR_GRACE", `${hostname} is silent; it counts as lost when the grace is over`));
    else {
      overdue.add(machine);
      // What was declared lost before the brake came on stays lost: nothing new is decided about it.
      if (brake !== null && !presence.declaredLost) held.set(machine, brake);
      else if (paced.has(machine))
        held.set(
          machine,
          reason("LOSSES_PACED", `${hostname} is silent; machines of several zones are declared lost a few at a time`),
        );
      else lost.add(machine);
    }
  }
  return { lost, overdue, brake, heldBy: (machine) => held.get(machine) ?? null };
}

function findBrake(view: ClusterView, index: ClusterIndex, now: Timestamp): Reason | null {
  const missing = index.machines.filter(
    ({ machine, presence }) => isPartOfMishap(presence, now) && !view.brakeReleased.has(machine),
  );
  const present = index.machines.filter((machine) => machine.presence.kind === "present");
  const total = missing.length + present.length;
  const zones = new Set(missing.map((machine) => machine.zone));
  if (missing.length < 2 || missing.length * 3 <= total || zones.size < 2 || !missing.some(isOverdue)) return null;
  return reason(
    "BRAKED",
    `${missing.length} of ${total} machines are silent in ${zones.size} zones; nothing is moved until a person has looked`,
  );
}

/** Machines that must wait for their turn to be declared lost; those that fell silent first come first. */
function paceLosses({ lossBudget }: ClusterView, index: ClusterIndex, now: Timestamp): ReadonlySet<MachineId> {
  const zones = new Set(
    index.machines.filter(({ presence }) => isPartOfMishap(presence, now)).map((machine) => machine.zone),
  );
  if (zones.size < 2) return new Set();
  const waiting = index.machines
    .filter(isOverdue)
    .toSorted((left, right) => compareText(silentSince(left), silentSince(right)));
  return new Set(waiting.slice(Math.max(0, lossBudget)).map(({ machine }) => machine));
}

const silentSince = ({ presence }: MachineView): string => (presence.kind === "silent" ? presence.since : "");

function isPartOfMishap(presence: MachinePresence, now: Timestamp): boolean {
  if (presence.kind === "present") return false;
  return !presence.declaredLost || Date.parse(now) - Date.parse(presence.since) < MISHAP_SECONDS * 1000;
}

function isOverdue({ presence }: MachineView): boolean {
  return presence.kind === "silent" && presence.graceOver && !presence.declaredLost;
}
