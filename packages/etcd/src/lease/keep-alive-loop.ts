import { CodedError } from "@quarterdeck/model";
import type { Transaction } from "../client.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoint, KeepAliveDuplex } from "../connection/endpoint.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { pause } from "../connection/pause.ts";
import { telemetry } from "../telemetry.ts";
import { HeldLease } from "./held-lease.ts";
import { KeepAliveStream, type StreamEnd } from "./keep-alive-stream.ts";
import { patienceMs, type LeaseBelief } from "./lease-belief.ts";

const RETRY_MS = 200;
/** How often a stream that etcd refused for a moment is opened again without waiting. */
const AT_ONCE = 3;
const REVOKE_MS = 2_000;

/**
 * Keeps all leases of a client alive over one stream, which moves to another endpoint when it breaks, ends or falls silent. A stream for each
 * would do; measured with a thousand leases it cost 2.3 times the processor time here, 1.7 times in etcd, and there three times the memory.
 */
export class KeepAliveLoop {
  readonly #endpoints: Endpoints;
  /** By the lease's decimal id. */
  readonly #leases = new Map<string, HeldLease>();
  /** Why leases were lost whose holders have not let go of them yet. */
  readonly #losses = new Map<string, CodedError>();
  readonly #closed = new AbortController();
  #stream: KeepAliveStream | null = null;
  #running = false;
  #trouble: string | null = null;
  /** No lease's time is over before this. */
  #soonest = Infinity;
  /** Of the leases that came since there was none. */
  #shortestTtlMs = Infinity;

  constructor(endpoints: Endpoints) {
    this.#endpoints = endpoints;
  }

  /** A lease that is being kept already stays what it is. */
  keep(decimal: string, belief: LeaseBelief): HeldLease {
    const kept = this.#leases.get(decimal);
    if (kept !== undefined) return kept;
    const lease = new HeldLease(decimal, belief, {
      ask: ({ decimal: id }) => this.#stream?.ask(id),
      stopped: (stopped, loss) => this.#forget(stopped, loss),
      revoke: (revoked) => this.#revoke(revoked),
      trouble: () => this.#trouble,
    });
    this.#leases.set(decimal, lease);
    this.#soonest = Math.min(this.#soonest, lease.lostAt);
    this.#shortestTtlMs = Math.min(this.#shortestTtlMs, belief.ttlMs);
    lease.start();
    if (!this.#running) void this.#run();
    return lease;
  }

  /**
   * To be called before a write goes out, which must not overtake an overdue timer: fires `lost` of every lease whose time is over.
   * @throws {CodedError} ETCD_LEASE_LOST when the write would hang a key on a lease that was lost here, though etcd might still have it
   */
  beforeWrite({ then }: Pick<Transaction, "then">): void {
    this.#look();
    if (this.#losses.size === 0) return;
    for (const operation of then) {
      const loss = operation.kind === "put" && operation.lease !== null ? this.#losses.get(operation.lease) : undefined;
      if (loss !== undefined) throw loss;
    }
  }

  /** Leaves all leases to etcd. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all([...this.#leases.values()].map((lease) => lease.detach()));
  }

  #look(): void {
    // Deadlines only move on, so that nobody need look again before the soonest of them.
    if (performance.now() < this.#soonest) return;
    for (const lease of this.#leases.values()) lease.look();
    this.#soonest = [...this.#leases.values()].reduce((soonest, { lostAt }) => Math.min(soonest, lostAt), Infinity);
  }

  #forget(lease: HeldLease, loss: CodedError | null): void {
    if (loss === null) this.#losses.delete(lease.id);
    else this.#losses.set(lease.id, loss);
    if (!this.#leases.delete(lease.decimal)) return;
    if (this.#leases.size > 0) return;
    this.#shortestTtlMs = Infinity;
    this.#stream?.close();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let refusals = 0; this.#leases.size > 0;) {
      const { why, again, answered } = await this.#serve();
      if (this.#leases.size === 0) break;
      refusals = answered ? 1 : refusals + 1;
      this.#trouble = why;
      if (!again || refusals > AT_ONCE) await this.#pause(Math.min(RETRY_MS, this.#shortestTtlMs / 20));
    }
    this.#running = false;
  }

  /** Serves over one stream until it is over. */
  async #serve(): Promise<StreamEnd> {
    const endpoint = this.#endpoints.current;
    const duplex = await this.#open(endpoint);
    if (duplex instanceof CodedError) return { why: duplex.message, again: false, answered: false };
    const stream = new KeepAliveStream(duplex, {
      onAnswer: (id, answer) => {
        this.#trouble = null;
        this.#leases.get(id)?.answered(answer);
      },
      patienceMs: () => patienceMs(this.#shortestTtlMs),
    });
    this.#stream = stream;
    if (this.#leases.size === 0) stream.close();
    for (const lease of this.#leases.values()) if (lease.due) stream.ask(lease.decimal);
    const end = await stream.ended;
    this.#stream = null;
    if (this.#leases.size > 0) {
      telemetry.retry.publish({ name: "leaseKeepAlive", endpoint: endpoint.url, why: end.why });
      if (!end.again) this.#endpoints.failed(endpoint);
    }
    return end;
  }

  /** An endpoint that cannot even be tried (its certificate, say) is one that does not answer. */
  async #open(endpoint: Endpoint): Promise<KeepAliveDuplex | CodedError> {
    try {
      return await endpoint.keepAlive();
    } catch (error) {
      if (error instanceof CodedError) return error;
      throw error;
    }
  }

  async #pause(ms: number): Promise<void> {
    try {
      await pause(ms, this.#closed.signal);
    } catch (error) {
      if (!this.#closed.signal.aborted) throw error;
    }
  }

  /** Deletes the lease's keys with it; when etcd cannot be asked, they go when the lease ends by itself. */
  async #revoke({ id, decimal }: HeldLease): Promise<void> {
    const call = { name: "leaseRevoke", request: { ID: decimal } } as const;
    const options = { action: `revoke lease ${id}`, repeatable: true, timeoutMs: REVOKE_MS };
    try {
      await callEtcd(this.#endpoints, call, options, new AbortController().signal);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
    }
  }
}
