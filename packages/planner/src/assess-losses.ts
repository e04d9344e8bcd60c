import { reason, type MachineId, type Reason, type Timestamp } from "@quarterdeck/model";
import type { ClusterIndex } from "./cluster-index.ts";
import type { ClusterView, MachinePresence, MachineView } from "./cluster-view.ts";

export type Losses = {
  /** Machines whose units may be replaced now. */
  readonly lost: ReadonlySet<MachineId>;
  readonly brake: Reason | null;
  /** Why the units of a silent machine are left where they are; `null` for one that is present or lost. */
  heldBy(machine: MachineId): Reason | null;
};

/** How long a machine that was declared lost still counts as part of the same mishap. */
const MISHAP_SECONDS = 600;

/** Which silences count as losses, after grace, mirror and brake. @see architecture.md §4 rule 4 */
export function assessLosses(view: ClusterView, index: ClusterIndex, now: Timestamp): Losses {
  const brake = view.mayActOnLosses && !view.brakeReleased ? findBrake(index, now) : null;
  const lost = new Set<MachineId>();
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
    // What was declared lost before the brake came on stays lost: nothing new is decided about it.
    else if (brake !== null && !presence.declaredLost) held.set(machine, brake);
    else lost.add(machine);
  }
  return { lost, brake, heldBy: (machine) => held.get(machine) ?? null };
}

function findBrake(index: ClusterIndex, now: Timestamp): Reason | null {
  const missing = index.machines.filter((machine) => isPartOfMishap(machine.presence, now));
  const present = index.machines.filter((machine) => machine.presence.kind === "present");
  const total = missing.length + present.length;
  const zones = new Set(missing.map((machine) => machine.zone));
  if (missing.length < 2 || missing.length * 3 <= total || zones.size < 2 || !missing.some(isOverdue)) return null;
  return reason(
    "BRAKED",
    `${missing.length} of ${total} machines are silent in ${zones.size} zones; nothing is moved until a person has looked`,
  );
}

function isPartOfMishap(presence: MachinePresence, now: Timestamp): boolean {
  if (presence.kind === "present") return false;
  return !presence.declaredLost || Date.parse(now) - Date.parse(presence.since) < MISHAP_SECONDS * 1000;
}

function isOverdue({ presence }: MachineView): boolean {
  return presence.kind === "silent" && presence.graceOver && !presence.declaredLost;
}
