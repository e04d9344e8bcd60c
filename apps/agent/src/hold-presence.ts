import { readFile } from "node:fs/promises";
import type { Logger } from "@quarterdeck/daemon";
import {
  absent,
  keys,
  modRevisionIs,
  put,
  type Condition,
  type Entry,
  type EtcdClient,
  type Lease,
} from "@quarterdeck/etcd";
import { CodedError, problemOf, type MachineId, type Presence } from "@quarterdeck/model";
import type { Clock } from "./ports.ts";
import { writeAtomically } from "./write-atomically.ts";

export type PresenceOptions = {
  readonly client: EtcdClient;
  readonly machine: MachineId;
  readonly presence: Presence;
  readonly ttlSeconds: number;
  /** Where the lease's id is kept for the next agent process of this boot. */
  readonly leaseFile: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onHeld: () => void;
};

const RETRY_MS = 1000;

/**
 * Keeps `agents/<machine>/presence` on a lease until the signal aborts. The lease is never revoked: the next agent process resumes it,
 * and the machine was present all the while. A lost lease is replaced, however long that takes.
 * @throws {CodedError} CONFLICT when another live agent has this machine's id.
 */
export async function holdPresence(options: PresenceOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, onHeld } = options;
  let complained = "";
  while (!signal.aborted) {
    try {
      // First of all: the lease of the process before has been running out ever since that was killed.
      const lease = await obtainLease(options, signal);
      try {
        await claim(options, signal);
        await announce(options, lease, signal);
        onHeld();
        complained = "";
        await aborted(AbortSignal.any([signal, lease.lost]));
      } finally {
        await lease.detach();
      }
      if (!signal.aborted) log.warn({ lease: lease.id }, "the lease was lost; units go on, presence is renewed");
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemOf(error);
      if (problem.code === "CONFLICT") throw error;
      // An outage of an hour is one line, not four thousand.
      if (problem.code !== complained) log.warn(problem, "presence is tried again until etcd answers");
      complained = problem.code;
      await clock.wait(RETRY_MS, signal).catch(() => undefined);
    }
  }
}

/** A machine that was installed anew leaves its former presence behind for up to a TTL; a live twin renews it for ever. */
async function claim(
  { client, machine, presence, ttlSeconds, clock }: PresenceOptions,
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.now().getTime() + (ttlSeconds + RETRY_MS / 1000) * 1000;
  for (;;) {
    const held = await client.get(keys.presence(machine), signal);
    if (held === null || held.value.instanceId === presence.instanceId) return;
    if (clock.now().getTime() >= deadline) throw twin(held.value);
    await clock.wait(RETRY_MS, signal);
  }
}

function twin(other: Presence): CodedError {
  return new CodedError("CONFLICT", {
    message: `another live agent has the machine id ${other.machine}: ${other.hostname} at ${other.address}`,
    why: "two machines with one id would both run its units",
    try: "on the copied machine: rm /etc/machine-id /var/lib/quarterdeck/instance-id && systemd-machine-id-setup, then reboot",
  });
}

async function obtainLease(
  { client, ttlSeconds, leaseFile, log }: PresenceOptions,
  signal: AbortSignal,
): Promise<Lease> {
  const former = await readFile(leaseFile, "utf8").catch(() => null);
  if (former !== null && /^[0-9a-f]{1,16}$/.test(former.trim())) {
    const resumed = await client.resumeLease(former.trim(), signal);
    if (resumed !== null && resumed.ttlSeconds === ttlSeconds) return resumed;
    await resumed?.detach();
  }
  const lease = await client.grantLease({ ttlSeconds }, signal);
  try {
    await writeAtomically(leaseFile, lease.id, { mode: 0o600, durable: false });
  } catch (error) {
    log.warn(problemOf(error), "the lease's id could not be kept; a restarted agent will take a new lease");
  }
  return lease;
}

/** What is found may go while it is looked at, with the lease of a former process: then it is looked at again, at once. */
async function announce(
  { client, machine, presence }: PresenceOptions,
  lease: Lease,
  signal: AbortSignal,
): Promise<void> {
  const key = keys.presence(machine);
  const then = [put(key, presence, { lease: lease.id })];
  for (let committed = false; !committed;) {
    lease.check();
    const held: Entry<Presence> | null = await client.get(key, signal);
    if (held !== null && held.value.instanceId !== presence.instanceId) throw twin(held.value);
    const when: Condition[] = [held === null ? absent(key) : modRevisionIs(held)];
    ({ committed } = await client.transact({ when, then }, signal));
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
