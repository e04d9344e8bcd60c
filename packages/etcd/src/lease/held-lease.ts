import { CodedError } from "@quarterdeck/model";
import type { Lease } from "../client.ts";
import { telemetry } from "../telemetry.ts";
import {
  askAtMs,
  believeAnswer,
  lostAtMs,
  USUAL_PART,
  type Acknowledgement,
  type LeaseBelief,
} from "./lease-belief.ts";
import { toHexLease } from "./lease-id.ts";

export type LeaseHooks = {
  /** It is time to ask etcd to keep this lease alive. */
  readonly ask: (lease: HeldLease) => void;
  /** It is no longer to be kept alive: it was lost (and why), or detached or disposed, also after its loss. */
  readonly stopped: (lease: HeldLease, loss: CodedError | null) => void;
  readonly revoke: (lease: HeldLease) => Promise<void>;
  /** What was wrong with the last attempt to reach etcd, for the error of a loss. */
  readonly trouble: () => string | null;
};

/** Node's timers take no longer delay. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A lease of this process. The clock decides whether it may still be believed in; the timer only tells those who merely listen. A timer that is
 * overdue (the process was stopped, the event loop was busy) comes after the answers that had arrived by then, and whatever awaited those runs
 * first. Therefore `lost`, `check` and `leftMs` look at the clock themselves, and the client looks before every write.
 */
export class HeldLease implements Lease {
  readonly id: string;
  /** As etcd's protocol has it. */
  readonly decimal: string;
  readonly #hooks: LeaseHooks;
  readonly #lost = new AbortController();
  #state: "kept" | "lost" | "gone" | "detached" | "revoked" = "kept";
  #belief: LeaseBelief;
  /** Those who wait for the next answer, or for the end. */
  readonly #waiting = new Set<() => void>();
  #due = false;
  #part = USUAL_PART;
  #askTimer: NodeJS.Timeout | null = null;
  #lossTimer: NodeJS.Timeout | null = null;

  constructor(decimal: string, belief: LeaseBelief, hooks: LeaseHooks) {
    this.id = toHexLease(decimal);
    this.decimal = decimal;
    this.#belief = belief;
    this.#hooks = hooks;
  }

  /** Begins to be kept alive. */
  start(): void {
    this.#armLoss();
    this.#armAsk();
  }

  get ttlSeconds(): number {
    return this.#belief.ttlMs / 1_000;
  }

  get lost(): AbortSignal {
    this.look();
    return this.#lost.signal;
  }

  async *renewals(signal: AbortSignal): AsyncIterable<number> {
    let seen = Number.NEGATIVE_INFINITY;
    while (this.#state === "kept" && !signal.aborted) {
      const { provedAtMs } = this.#belief;
      if (provedAtMs > seen) yield (seen = provedAtMs);
      else await this.#change(signal);
      this.look();
    }
  }

  askEvery(part: number): void {
    if (part === this.#part) return;
    this.#part = part;
    if (this.#state === "kept" && !this.#due) this.#armAsk();
  }

  /** On `performance.now()`'s clock. */
  get lostAt(): number {
    return lostAtMs(this.#belief);
  }

  /** Whether etcd is to be asked as soon as it can be. */
  get due(): boolean {
    return this.#due;
  }

  leftMs(): number {
    const leftMs = lostAtMs(this.#belief) - performance.now();
    this.look();
    return this.#lost.signal.aborted ? Math.min(0, leftMs) : leftMs;
  }

  check(): void {
    this.look();
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
    // Whoever detached it is not told by `lost`, but must not act on it for ever either.
    if (performance.now() >= this.lostAt) throw this.#lossError("was detached, and its time is over");
  }

  /** Notices that the time is over. */
  look(): void {
    if (this.#state !== "kept" || performance.now() < this.lostAt) return;
    const trouble = this.#hooks.trouble();
    this.#lose("lost", `was not acknowledged in time${trouble === null ? "" : `: ${trouble}`}`);
  }

  answered(answer: Acknowledgement): void {
    this.look();
    if (this.#state !== "kept") return;
    if (answer.ttlSeconds <= 0) return this.#lose("gone", "is gone: etcd no longer has it");
    this.#due = false;
    this.#publish(Infinity);
    this.#belief = believeAnswer(this.#belief, answer);
    this.#tell();
    this.#armLoss();
    this.#armAsk();
  }

  async detach(): Promise<void> {
    if (this.#state !== "revoked") this.#stop("detached");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const state = this.#state;
    if (state === "detached" || state === "revoked") return;
    this.#stop("revoked");
    // What was lost here may live on in etcd (it was frozen, or has a new leader) and would keep its keys from others.
    if (state !== "gone") await this.#hooks.revoke(this);
  }

  #lose(state: "lost" | "gone", why: string): void {
    const error = this.#lossError(why);
    this.#publish(0);
    this.#stop(state, error);
    this.#lost.abort(error);
  }

  #lossError(why: string): CodedError {
    return new CodedError("ETCD_LEASE_LOST", { message: `lease ${this.id} ${why}` });
  }

  #stop(state: "lost" | "gone" | "detached" | "revoked", loss: CodedError | null = null): void {
    this.#state = state;
    if (this.#askTimer !== null) clearTimeout(this.#askTimer);
    if (this.#lossTimer !== null) clearTimeout(this.#lossTimer);
    this.#hooks.stopped(this, loss);
    this.#tell();
  }

  #tell(): void {
    for (const wake of this.#waiting) wake();
  }

  async #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake);
    await promise;
    signal.removeEventListener("abort", wake);
    this.#waiting.delete(wake);
  }

  #armLoss(): void {
    if (this.#lossTimer !== null) clearTimeout(this.#lossTimer);
    const delayMs = Math.min(LONGEST_TIMER_MS, Math.max(0, this.lostAt - performance.now()));
    this.#lossTimer = setTimeout(() => {
      this.look();
      if (this.#state === "kept") this.#armLoss();
    }, delayMs);
  }

  #armAsk(): void {
    if (this.#askTimer !== null) clearTimeout(this.#askTimer);
    const delayMs = Math.min(LONGEST_TIMER_MS, Math.max(0, askAtMs(this.#belief, this.#part) - performance.now()));
    this.#askTimer = setTimeout(() => {
      this.look();
      if (this.#state !== "kept") return;
      this.#due = true;
      this.#hooks.ask(this);
    }, delayMs);
  }

  #publish(mostMs: number): void {
    if (!telemetry.lease.hasSubscribers) return;
    const leftMs = Math.min(mostMs, this.lostAt - performance.now());
    telemetry.lease.publish({ id: this.id, ttlMs: this.#belief.ttlMs, leftMs });
  }
}
