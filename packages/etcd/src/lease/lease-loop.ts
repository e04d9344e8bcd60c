import { CodedError } from "@quarterdeck/model";
import type { ILeaseKeepAliveResponse } from "etcd3";
import type { Lease } from "../client.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import type { KeepAliveDuplex } from "../connection/endpoint.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { pause } from "../connection/pause.ts";
import { toHexLease } from "./lease-id.ts";

export type GrantedLease = {
  /** Decimal, as etcd's protocol has it. */
  readonly id: string;
  readonly ttlSeconds: number;
  /** On the monotonic clock, when the request was sent whose answer proved the lease alive. */
  readonly sentAt: number;
};

/**
 * Keeps a lease alive. What it believes is counted from when it *sent* the last keep-alive that was acknowledged: etcd counts from when it
 * received it, which is later, so `lost` fires first. Tries at a third of the TTL, and where no answer comes, every quarter over another endpoint.
 *
 * The clock is CLOCK_MONOTONIC: it runs while the process is stopped (SIGSTOP), so `lost` fires as soon as it runs again; it stands still while
 * the whole machine is suspended, and then only fencing protects.
 */
export class LeaseLoop implements Lease {
  readonly id: string;
  readonly ttlSeconds: number;
  readonly #decimal: string;
  readonly #endpoints: Endpoints;
  readonly #lost = new AbortController();
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  readonly #onStop: (lease: LeaseLoop) => void;
  #sentAt: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(endpoints: Endpoints, granted: GrantedLease, onStop: (lease: LeaseLoop) => void) {
    this.id = toHexLease(granted.id);
    this.ttlSeconds = granted.ttlSeconds;
    this.#decimal = granted.id;
    this.#endpoints = endpoints;
    this.#onStop = onStop;
    this.#sentAt = granted.sentAt;
    this.#armDeadline();
    this.#running = this.#run();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async detach(): Promise<void> {
    this.#stop();
    await this.#running;
  }

  /** Revokes the lease and so deletes its keys; when etcd cannot be asked, they go when the lease ends by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    await this.detach();
    const call = { name: "leaseRevoke", request: { ID: this.#decimal } } as const;
    try {
      await callEtcd(
        this.#endpoints,
        call,
        { action: `revoke lease ${this.id}`, repeatable: true },
        AbortSignal.timeout(2_000),
      );
    } catch (error) {
      if (!(error instanceof CodedError) && !(error instanceof DOMException)) throw error;
    }
  }

  get #ttlMs(): number {
    return this.ttlSeconds * 1_000;
  }

  #stop(): void {
    this.#stopped.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#onStop(this);
  }

  #lose(why: string): void {
    if (this.#stopped.signal.aborted) return;
    this.#lost.abort(new CodedError("ETCD_LEASE_LOST", { message: `lease ${this.id} ${why}` }));
    this.#stop();
  }

  /** The margin pays for a timer that fires late and for those who listen. */
  #armDeadline(): void {
    const marginMs = Math.min(1_000, this.#ttlMs / 10);
    const remainingMs = this.#sentAt + this.#ttlMs - marginMs - performance.now();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (remainingMs <= 0) return this.#lose("was not acknowledged in time");
    this.#timer = setTimeout(() => this.#lose("was not acknowledged in time"), remainingMs);
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#pause(this.#sentAt + this.#ttlMs / 3 - performance.now());
      while (!this.#stopped.signal.aborted && (await this.#keepAliveOver(await this.#open())) === "broken") {
        await this.#pause(Math.min(200, this.#ttlMs / 20));
      }
    }
  }

  async #open(): Promise<KeepAliveStream> {
    const endpoint = this.#endpoints.current;
    return new KeepAliveStream(await endpoint.keepAlive(), () => this.#endpoints.failed(endpoint));
  }

  /** Keeps alive over one stream, until it breaks or the loop is stopped. */
  async #keepAliveOver(stream: KeepAliveStream): Promise<"broken" | "stopped"> {
    try {
      while (!this.#stopped.signal.aborted) {
        const sentAt = performance.now();
        const answer = await stream.ask(this.#decimal, Math.min(1_500, this.#ttlMs / 4), this.#stopped.signal);
        if (answer === null) return this.#stopped.signal.aborted ? "stopped" : "broken";
        if (Number(answer.TTL) <= 0) {
          this.#lose("is gone");
          return "stopped";
        }
        this.#sentAt = sentAt;
        this.#armDeadline();
        await this.#pause(sentAt + this.#ttlMs / 3 - performance.now());
      }
      return "stopped";
    } finally {
      stream.close();
    }
  }

  /** Ends early when the loop is stopped. */
  async #pause(ms: number): Promise<void> {
    try {
      await pause(ms, this.#stopped.signal);
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error;
    }
  }
}

/** One keep-alive stream: a question, its answer. */
class KeepAliveStream {
  readonly #duplex: KeepAliveDuplex;
  readonly #onBroken: () => void;
  #answer: (answer: ILeaseKeepAliveResponse | null) => void = () => {};
  #broken = false;

  constructor(duplex: KeepAliveDuplex, onBroken: () => void) {
    this.#duplex = duplex;
    this.#onBroken = onBroken;
    const end = (): void => {
      this.#broken = true;
      this.#answer(null);
    };
    duplex.on("error", end).on("end", end).on("close", end);
    duplex.on("data", (answer: ILeaseKeepAliveResponse) => this.#answer(answer));
  }

  /** Null when no answer came within `timeoutMs`, the stream broke, or `signal` was aborted. */
  async ask(id: string, timeoutMs: number, signal: AbortSignal): Promise<ILeaseKeepAliveResponse | null> {
    const { promise, resolve } = Promise.withResolvers<ILeaseKeepAliveResponse | null>();
    this.#answer = resolve;
    const giveUp = (): void => resolve(null);
    const timer = setTimeout(giveUp, timeoutMs);
    signal.addEventListener("abort", giveUp);
    if (this.#broken || signal.aborted) resolve(null);
    else this.#duplex.write({ ID: id });
    const answer = await promise;
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    if (answer === null && !signal.aborted) this.#onBroken();
    return answer;
  }

  close(): void {
    this.#duplex.cancel();
  }
}
