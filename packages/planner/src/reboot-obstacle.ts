import { reason, type MachineId, type Reason, type RebootHolder, type Timestamp } from "@quarterdeck/model";
import { assessLosses } from "./assess-losses.ts";
import { indexView, type ClusterIndex } from "./cluster-index.ts";
import { plus } from "./judge-step.ts";
import type { RebootView } from "./reboot-view.ts";

/** Why a machine may not be drained for its reboot, or reboot, now; `null` when nothing speaks against it. The first thing that does is named. */
export function rebootObstacle(view: RebootView, machine: MachineId, now: Timestamp): Reason | null {
  const { cluster } = view;
  const index = indexView(cluster);
  if (!cluster.mayActOnLosses)
    return reason("STALE_MIRROR", "the engine's view is not yet old enough to know which machines are there");
  const { brake } = assessLosses(cluster, index, now);
  if (brake !== null) return brake;
  return (
    findMissing(view, { index, machine, now }) ??
    findQuorumRisk(view, machine) ??
    findRollout(view) ??
    findRelocation(view, machine)
  );
}

/** Everybody who has a slot, in whatever group. */
export function holdersOf({ groups }: RebootView): readonly RebootHolder[] {
  return [...groups.values()].flatMap(({ holders }) => holders);
}

/** Whether a holder has been away for longer than a reboot takes. */
export function isOverdue({ overdueSeconds }: RebootView, { phase, since }: RebootHolder, now: Timestamp): boolean {
  return phase === "rebooting" && plus(since, overdueSeconds) <= now;
}

/**
 * A machine that is away for its own reboot is not missing, unless it takes too long; nor is one that is lost and cordoned, which is how a person
 * says that it is gone for good.
 */
function findMissing(
  view: RebootView,
  {
    index,
    machine: asking,
    now,
  }: { readonly index: ClusterIndex; readonly machine: MachineId; readonly now: Timestamp },
): Reason | null {
  const excused = new Set(
    holdersOf(view)
      .filter((holder) => holder.phase === "rebooting" && !isOverdue(view, holder, now))
      .map(({ machine }) => machine),
  );
  const held = new Set(holdersOf(view).map(({ machine }) => machine));
  const missing = index.machines.filter(
    ({ machine, presence, cordoned }) =>
      presence.kind === "silent" &&
      !excused.has(machine) &&
      (machine === asking || held.has(machine) || !presence.declaredLost || !cordoned),
  );
  const [first] = missing;
  if (first === undefined) return null;
  const more = missing.length === 1 ? "" : ` and ${missing.length - 1} more`;
  return reason(
    "MACHINE_MISSING",
    `${first.hostname}${more} is not there; once it is gone for good, fleet cordon ${first.hostname}`,
  );
}

/** The quorum must outlive the reboot: of etcd's machines only one is away at a time, and none while a member does not do well. */
function findQuorumRisk(view: RebootView, machine: MachineId): Reason | null {
  const { machines, unhealthy } = view.etcd;
  if (unhealthy.length > 0)
    return reason("QUORUM_AT_RISK", `etcd's member ${unhealthy.join(", ")} does not do well; see fleet doctor`);
  if (!machines.has(machine)) return null;
  const away = holdersOf(view).find(
    (holder) => holder.phase === "rebooting" && holder.machine !== machine && machines.has(holder.machine),
  );
  const silent = [...machines].find((other) => view.cluster.machines.get(other)?.presence.kind === "silent");
  const other = away?.machine ?? silent;
  if (other === undefined) return null;
  const name = view.cluster.machines.get(other)?.hostname ?? other;
  return reason("QUORUM_AT_RISK", `${name}, which etcd lives on too, is away`);
}

function findRollout({ rollouts }: RebootView): Reason | null {
  const running = rollouts.find(({ state }) => state === "running");
  return running === undefined ? null : reason("ROLLOUT_RUNNING", `the rollout ${running.id} is under way`);
}

function findRelocation(view: RebootView, machine: MachineId): Reason | null {
  const own = holdersOf(view).find((holder) => holder.machine === machine)?.relocation;
  const running = view.relocations.find(({ id, state }) => id !== own && (state === "ordered" || state === "running"));
  return running === undefined ? null : reason("RELOCATION_RUNNING", `the ${running.kind} ${running.id} is under way`);
}
