import type { ClusterWatch } from "./cluster-watch.ts";
import { awaitMember } from "./etcd-members.ts";
import type { Identities } from "./identities.ts";
import { labFailed } from "./lab-failed.ts";
import { runInside } from "./machine/inside.ts";
import type { Machine } from "./machine/machine.ts";
import { until } from "./until.ts";

const JOIN_MS = 90_000;

export type JoinOptions = {
  readonly identities: Identities;
  /** null where machines run no agent. */ readonly cluster: ClusterWatch | null;
};

/** Waits until an etcd machine's member is healthy; returns at once for a worker. @throws {CodedError} LAB_FAILED after 90 s */
export async function awaitEtcd(machine: Machine, identities: Identities, signal: AbortSignal): Promise<void> {
  if (machine.record.role !== "etcd") return;
  if (!(await awaitMember(`https://${machine.address}:2379`, identities, JOIN_MS, signal)))
    throw late(machine, "its etcd member is not healthy");
}

/**
 * Waits until a machine that was booted does its part: its etcd member is healthy, and its agent is present in this very boot. Without
 * agents, a worker counts when its systemd has started everything.
 * @throws {CodedError} LAB_FAILED when it does not within 90 s
 */
export async function awaitJoined(
  machine: Machine,
  { identities, cluster }: JoinOptions,
  signal: AbortSignal,
): Promise<void> {
  await awaitEtcd(machine, identities, signal);
  if (cluster !== null) await awaitAgent(machine, cluster, signal);
  else if (machine.record.role === "worker") await awaitSystemd(machine, signal);
  machine.markJoined();
}

async function awaitAgent(machine: Machine, cluster: ClusterWatch, signal: AbortSignal): Promise<void> {
  // Its lease may still hold the presence of the boot before.
  if (!(await cluster.awaitPresence(machine.record.machine, machine.bootedAt, JOIN_MS, signal)))
    throw late(machine, "its agent is not present in etcd");
}

async function awaitSystemd(machine: Machine, signal: AbortSignal): Promise<void> {
  const isUp = async (): Promise<boolean> => {
    if (machine.pid === null) return false;
    const result = await runInside(machine.pid, ["systemctl", "is-system-running"], 5000, signal);
    // `degraded`: some unit failed, which is no matter of booting.
    return ["running", "degraded"].includes(result.stdout.trim());
  };
  if (!(await until(isUp, { everyMs: 200, forMs: JOIN_MS }, signal)))
    throw late(machine, "its systemd has not finished starting");
}

function late(machine: Machine, why: string): Error {
  return labFailed(`${machine.name} booted but has not joined`, {
    why: `${why} after ${JOIN_MS / 1000} s`,
    try: `npx lab shell ${machine.name} -- journalctl -b -p warning`,
  });
}
