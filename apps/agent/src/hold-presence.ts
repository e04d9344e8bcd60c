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
import { aborted } from "./aborted.ts";
import { isRival } from "./derive-rival.ts";
import type { FactWatch } from "./fact-watch.ts";
import type { Clock } from "./ports.ts";
import { writeAtomically } from "./write-atomically.ts";

export type PresenceOptions = {
  readonly client: EtcdClient;
  readonly machine: MachineId;
  /** The lease is seen to before they are known. */
  readonly facts: Promise<Facts>;
  readonly ttlSeconds: number;
  /** Where the lease's id is kept for the next agent process of this boot. */
  readonly leaseFile: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onHeld: () => void;
  /** Runs for as long as the lease is held; ends by the signal and when it is lost. `present` resolves when presence has been written on it. */
  readonly whileHeld: (lease: Lease, present: Promise<void>, signal: AbortSignal) => Promise<void>;
  /** Another machine's presence was found under our name, and is waited for. */
  readonly onRival: () => void;
};

type Facts = Pick<FactWatch, "presence" | "changed">;

const RETRY_MS = 1000;

/**
 * Keeps `agents/<machine>/presence` on a lease until the signal aborts. The lease is never revoked: the next agent process resumes it,
 * and the machine was present all the while. A lost lease is replaced, however long that takes.
 * @throws {CodedError} CONFLICT when another live machine has this machine's id; that one is left untouched.
 */
export async function holdPresence(options: PresenceOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, onHeld } = options;
  let complained = "";
  while (!signal.aborted) {
    try {
      // First of all: the lease of the process before has been running out ever since that was killed.
      const lease = await obtainLease(options, signal);
      try {
        const present = Promise.withResolvers<void>();
        const tell = async (ended: AbortSignal): Promise<void> => {
          const facts = await Promise.race([options.facts, aborted(ended)]);
          if (facts === undefined) return;
          await claim(options, facts, ended);
          const announced = () => announce(options, { lease, facts }, ended);
          let told = await announced();
          onHeld();
          present.resolve();
          complained = "";
          while (await facts.changed.next(AbortSignal.any([ended, lease.lost])))
            if (facts.presence !== told) told = await announced();
        };
        await allOrNone([tell, (ended) => options.whileHeld(lease, present.promise, ended)], signal);
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

/** The first that fails ends the others. */
async function allOrNone(
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const ended = AbortSignal.any([signal, failure.signal]);
  const started = tasks.map((task) => task(ended));
  try {
    await Promise.all(started);
  } finally {
    failure.abort();
    await Promise.allSettled(started);
  }
}

/** A machine that was installed anew leaves its former presence behind for up to a TTL; a live twin renews it for ever. */
async function claim(
  { client, machine, ttlSeconds, clock, onRival }: PresenceOptions,
  facts: Facts,
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.now().getTime() + (ttlSeconds + RETRY_MS / 1000) * 1000;
  for (;;) {
    const held = await client.get(keys.presence(machine), signal);
    if (held === null || !isRival(held.value, facts.presence)) return;
    onRival();
    if (clock.now().getTime() >= deadline) throw twin(held.value, facts.presence);
    await clock.wait(RETRY_MS, signal);
  }
}

function twin(other: Presence, own: Presence): CodedError {
  return new CodedError("CONFLICT", {
    message: `two live machines have the machine id ${own.machine}: ${named(other)}, which was first, and this one, ${named(own)}`,
    why: "both would run the same units; a copied disk image brings its machine id along",
    try: "on the copy: rm /etc/machine-id /var/lib/quarterdeck/instance-id && systemd-machine-id-setup, then reboot",
  });
}

const named = ({ hostname, address, bootId, instanceId }: Presence): string =>
  `${hostname} at ${address} (boot ${bootId}, instance ${instanceId})`;

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

/**
 * Writes presence as it is now and returns what was written. What is found may go while it is looked at, with the lease of a former process: then
 * it is looked at again, at once.
 */
async function announce(
  { client, machine }: PresenceOptions,
  { lease, facts }: { readonly lease: Lease; readonly facts: Facts },
  signal: AbortSignal,
): Promise<Presence> {
  const key = keys.presence(machine);
  for (;;) {
    lease.check();
    const held: Entry<Presence> | null = await client.get(key, signal);
    const own = facts.presence;
    if (held !== null && isRival(held.value, own)) throw twin(held.value, own);
    const when: Condition[] = [held === null ? absent(key) : modRevisionIs(held)];
    const { committed } = await client.transact({ when, then: [put(key, own, { lease: lease.id })] }, signal);
    if (committed) return own;
  }
}
