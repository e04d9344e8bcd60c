import type { Logger } from "@quarterdeck/daemon";
import { keys, put, ranges, remove, type EtcdClient, type Operation } from "@quarterdeck/etcd";
import { problemOf, type MachineId, type UnitName, type UnitState } from "@quarterdeck/model";
import type { AgentCounts } from "./agent-counts.ts";
import type { Clock } from "./ports.ts";
import { TokenBucket } from "./token-bucket.ts";
import { Wakeup } from "./wakeup.ts";

const OPERATIONS_PER_TRANSACTION = 32;
const RETRY_MS = 1000;
/** A unit that restarts ten times a second must not write ten times a second. */
const CALM = { burst: 10, refillMs: 1000 } as const;

export type StateReporterOptions = {
  readonly machine: MachineId;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counts: AgentCounts;
};

type Known = ReadonlyMap<UnitName, UnitState>;

/** Brings `agents/<machine>/states/` to what was reported last: writes what differs, deletes what is gone, and nothing else, ever. */
export class StateReporter {
  readonly #machine: MachineId;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #counts: AgentCounts;
  readonly #wakeup = new Wakeup();
  readonly #buckets = new Map<UnitName, TokenBucket>();
  #wanted: Known | null = null;
  #stored: Map<UnitName, UnitState> | null = null;

  constructor(options: StateReporterOptions) {
    this.#counts = options.counts;
    this.#machine = options.machine;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  report(states: Known): void {
    this.#wanted = states;
    this.#wakeup.wake();
  }

  /** What was reported last. */
  get states(): Iterable<UnitState> {
    return this.#wanted?.values() ?? [];
  }

  /** What was reported last of the unit, or what etcd has from a former agent. */
  previous(unit: UnitName): UnitState | null {
    return this.#wanted?.get(unit) ?? this.#stored?.get(unit) ?? null;
  }

  /** etcd may have lost what was written to it: look again. */
  distrust(): void {
    this.#stored = null;
    this.#wakeup.wake();
  }

  /** Writes until the signal aborts; errors are tried again. */
  async run(client: EtcdClient, signal: AbortSignal): Promise<void> {
    let complained = "";
    this.#wakeup.wake();
    while (await this.#wakeup.next(signal)) {
      try {
        await this.flush(client, signal);
        complained = "";
      } catch (error) {
        if (signal.aborted) return;
        const problem = problemOf(error);
        if (problem.code !== complained) this.#log.warn(problem, "states are reported again until etcd takes them");
        complained = problem.code;
        this.#wakeLater(RETRY_MS);
      }
    }
  }

  /** One round. Its transactions are made of whole units, so a failed one leaves the rest for the next round. */
  async flush(client: EtcdClient, signal: AbortSignal): Promise<void> {
    this.#stored ??= await this.#read(client, signal);
    const wanted = this.#wanted;
    if (wanted === null) return;
    const changes: { readonly unit: UnitName; readonly state: UnitState | null; readonly operation: Operation }[] = [];
    for (const [unit, state] of wanted) {
      if (isSame(this.#stored.get(unit), state) || this.#mustWait(unit)) continue;
      changes.push({ unit, state, operation: put(keys.state(this.#machine, unit), state) });
    }
    for (const unit of this.#stored.keys()) {
      if (!wanted.has(unit)) changes.push({ unit, state: null, operation: remove(keys.state(this.#machine, unit)) });
    }
    for (let start = 0; start < changes.length; start += OPERATIONS_PER_TRANSACTION) {
      const batch = changes.slice(start, start + OPERATIONS_PER_TRANSACTION);
      await client.transact({ when: [], then: batch.map((change) => change.operation) }, signal);
      this.#counts.stateTransactions += 1;
      this.#counts.stateWrites += batch.length;
      for (const { unit, state } of batch) {
        if (state === null) this.#stored?.delete(unit);
        else this.#stored?.set(unit, state);
      }
    }
  }

  async #read(client: EtcdClient, signal: AbortSignal): Promise<Map<UnitName, UnitState>> {
    const { entries } = await client.list(ranges.statesOf(this.#machine), signal);
    return new Map(entries.map((entry) => [entry.names[0] as UnitName, entry.value]));
  }

  #mustWait(unit: UnitName): boolean {
    const nowMs = this.#clock.now().getTime();
    let bucket = this.#buckets.get(unit);
    if (bucket === undefined) this.#buckets.set(unit, (bucket = new TokenBucket({ ...CALM, nowMs })));
    const waitMs = bucket.take(nowMs);
    if (waitMs > 0) this.#wakeLater(waitMs);
    return waitMs > 0;
  }

  #wakeLater(afterMs: number): void {
    setTimeout(() => this.#wakeup.wake(), afterMs).unref();
  }
}

function isSame(a: UnitState | undefined, b: UnitState): boolean {
  return a !== undefined && canonical(a) === canonical(b);
}

/** The order of keys differs between what was decoded and what was derived. */
function canonical(value: object): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
