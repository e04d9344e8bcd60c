import type { Logger } from "@quarterdeck/daemon";
import { ranges, type EtcdClient, type Lease } from "@quarterdeck/etcd";
import { problemOf, type MachineId, type UnitName } from "@quarterdeck/model";
import { aborted } from "../aborted.ts";
import type { Clock, Fence, UnitManager } from "../ports.ts";
import { FENCE_UNIT, readDeadline, writeDeadline, writeFenceFiles, type FencePlaces } from "./fence-files.ts";
import { isConfirmed, type ConfirmedSchedule } from "./fence-tenure.ts";
import { fenceTimes } from "./fence-times.ts";

export type FenceKeeperOptions = {
  readonly client: Pick<EtcdClient, "list">;
  readonly machine: MachineId;
  readonly manager: Pick<UnitManager, "stop">;
  readonly places: FencePlaces;
  readonly ttlSeconds: number;
  readonly clock: Clock;
  /** Milliseconds since boot, with the time for which the machine was suspended. */
  readonly bootMs: () => number;
  readonly log: Logger;
  /** What {@link FenceKeeper.permits} says may have changed. */
  readonly onChange: () => void;
};

const RETRY_MS = 1000;
/** After which part of the lease etcd is asked: behind a fence that stands, the sooner it is, the longer an agent has to be back. */
const ASK_EVERY = { needed: 5, unneeded: 3 } as const;

/**
 * Puts the fence's deadline off with each keep-alive that etcd has acknowledged, and knows whether a singleton may be started. The fence itself needs
 * nobody in order to end, so that singletons stop in time though the agent is dead or frozen.
 */
export class FenceKeeper implements Fence {
  readonly stopSeconds: number;
  readonly #options: FenceKeeperOptions;
  readonly #holdMs: number;
  /** What boot time is ahead of `performance.now()`; taken before the keep-alive that it is used for is sent, so that a suspension in between counts. */
  #aheadMs: number;
  #isNeeded = true;
  #lease: Lease | null = null;
  #held: { readonly lease: Lease; readonly confirmed: ConfirmedSchedule } | null = null;

  constructor(options: FenceKeeperOptions) {
    const { holdMs, stopMs } = fenceTimes(options.ttlSeconds);
    this.#options = options;
    this.#holdMs = holdMs;
    this.stopSeconds = stopMs / 1000;
    this.#aheadMs = this.#sample();
  }

  permits(unit: UnitName, revision: string): boolean {
    return this.#held !== null && !this.#held.lease.lost.aborted && isConfirmed(this.#held.confirmed, unit, revision);
  }

  need(isNeeded: boolean): void {
    this.#isNeeded = isNeeded;
    this.#lease?.askEvery(isNeeded ? ASK_EVERY.needed : ASK_EVERY.unneeded);
  }

  async lower(signal: AbortSignal): Promise<void> {
    await this.#options.manager.stop(FENCE_UNIT, signal);
  }

  /**
   * For as long as the lease is held; nothing is permitted before `present` resolves, when presence has been written on it. When the lease is lost the
   * fence is brought down at once; when the signal ends it, the fence stands until its deadline, within which the next agent takes it over.
   */
  async keep(lease: Lease, present: Promise<void>, signal: AbortSignal): Promise<void> {
    const { onChange, log } = this.#options;
    const ended = AbortSignal.any([signal, lease.lost]);
    this.#lease = lease;
    this.need(this.#isNeeded);
    try {
      // Of a fence that another lease vouched for nobody knows what happened between the two.
      await this.#insist(ended, async () => {
        await writeFenceFiles(this.#options.places);
        const former = await readDeadline(this.#options.places);
        if (former !== null && former.lease !== lease.id) await this.lower(ended);
      });
      await Promise.all([this.#putOff(lease, ended), this.#confirm(lease, present, ended)]);
    } finally {
      this.#lease = null;
      this.#held = null;
      onChange();
    }
    if (signal.aborted || !lease.lost.aborted) return;
    log.warn({ lease: lease.id }, "the lease was lost; this machine's singletons are stopped");
    await this.#insist(signal, () => this.lower(signal));
  }

  async #putOff(lease: Lease, ended: AbortSignal): Promise<void> {
    for await (const sentAtMs of lease.renewals(ended)) {
      const aheadMs = this.#sample();
      const bootMs = sentAtMs + Math.min(aheadMs, this.#aheadMs) + this.#holdMs;
      this.#aheadMs = aheadMs;
      await this.#insist(ended, () => writeDeadline(this.#options.places, { lease: lease.id, bootMs }));
    }
  }

  async #confirm(lease: Lease, present: Promise<void>, ended: AbortSignal): Promise<void> {
    const { client, machine, onChange } = this.#options;
    await Promise.race([present, aborted(ended)]);
    await this.#insist(ended, async () => {
      const { revision, entries } = await client.list(ranges.scheduleOf(machine), ended);
      const known = entries.map(({ names, modRevision }) => [names[0] as UnitName, modRevision] as const);
      this.#held = { lease, confirmed: { revision, entries: new Map(known) } };
      onChange();
    });
  }

  /** Until it succeeds: what the deadline is not put off for only ends sooner. */
  async #insist(signal: AbortSignal, act: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await act();
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#options.log.warn(problemOf(error), "the fence of this machine's singletons is seen to again");
        await this.#options.clock.wait(RETRY_MS, signal).catch(() => undefined);
      }
    }
  }

  #sample(): number {
    return this.#options.bootMs() - performance.now();
  }
}
