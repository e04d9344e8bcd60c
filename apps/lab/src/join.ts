import type { Identities } from "./identities.ts";
import { awaitMember } from "./etcd-members.ts";
import { labFailed } from "./lab-failed.ts";
import { runInside } from "./machine/inside.ts";
import type { Machine } from "./machine/machine.ts";
import { until } from "./until.ts";

const JOIN_MS = 90_000;

/**
 * Waits until a machine that was booted does its part: an etcd machine's member is healthy, a worker's systemd has started everything.
 * @throws {CodedError} LAB_FAILED when it does not within 90 s
 */
export async function awaitJoined(machine: Machine, identities: Identities, signal: AbortSignal): Promise<void> {
  const joined = machine.record.role === "etcd" ? await awaitMember(`https://${machine.address}:2379`, identities, JOIN_MS, signal) : await awaitSystemd(machine, signal);
  if (!joined) throw labFailed(`${machine.name} booted but did not join within ${JOIN_MS / 1000} s`, { try: `npx lab console ${machine.name}` });
  machine.markJoined();
}

function awaitSystemd(machine: Machine, signal: AbortSignal): Promise<boolean> {
  const isUp = async (): Promise<boolean> => {
    if (machine.pid === null) return false;
    const result = await runInside(machine.pid, ["systemctl", "is-system-running"], 5000, signal);
    // `degraded`: some unit failed, which is no matter of booting.
    return ["running", "degraded"].includes(result.stdout.trim());
  };
  return until(isUp, { everyMs: 200, forMs: JOIN_MS }, signal);
}
