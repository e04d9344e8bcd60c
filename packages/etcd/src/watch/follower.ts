import type { Change, FollowEvent } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import { Bell } from "./bell.ts";
import { RESET_REASONS } from "./reset-cause.ts";

/** How much may wait for a reader that is busy; beyond it the reader starts over from a snapshot. */
export type PendingLimits = { readonly keys: number; readonly bytes: number };

export const PENDING_LIMITS: PendingLimits = { keys: 100_000, bytes: 64 * 1024 * 1024 };

export type FollowerOptions = {
  /** The reader knows everything up to here; null: it needs a snapshot first. */
  readonly from: Revision | null;
  readonly onConfirmed: () => void;
  readonly limits?: PendingLimits;
};

/**
 * One reader of a feed. What it has not taken is kept as the last change of each key, so a slow reader costs memory by keys and not by events,
 * and past {@link PendingLimits} not even that: what waited is dropped and becomes a reset.
 */
export class Follower {
  readonly #onConfirmed: () => void;
  readonly #limits: PendingLimits;
  readonly #bell = new Bell();
  /**
   * `lost`: needs a snapshot, keeps nothing · `reading`: a snapshot is being read, what comes meanwhile is kept · `live`: the reader has
   * everything up to `#after` but what is pending.
   */
  #state: "lost" | "reading" | "live";
  #why = "start";
  #after: Revision;
  #generation = 0;
  #pending = new Map<string, Change>();
  #pendingBytes = 0;
  #pendingThrough: Revision = 0n;
  #failure: { readonly error: unknown } | null = null;

  constructor({ from, onConfirmed, limits = PENDING_LIMITS }: FollowerOptions) {
    this.#onConfirmed = onConfirmed;
    this.#limits = limits;
    this.#state = from === null ? "lost" : "live";
    this.#after = from ?? 0n;
  }

  // For the feed:

  /** Takes changes in the order etcd made them; `through`: there are no others up to this revision. */
  receive(changes: readonly Change[], through: Revision): void {
    if (this.#state === "lost") return;
    for (const change of changes) if (this.#state !== "live" || change.modRevision > this.#after) this.#keep(change);
    if (through > this.#pendingThrough) this.#pendingThrough = through;
    const { keys, bytes } = this.#limits;
    if (this.#pending.size > keys || this.#pendingBytes > bytes) this.lose(RESET_REASONS.slow_reader);
    else if (this.#pending.size > 0) this.#bell.ring();
  }

  /** etcd says that nothing was missed. */
  confirmed(): void {
    this.#onConfirmed();
  }

  /** There is a gap behind what the reader has. */
  lose(why: string): void {
    // Until the first snapshot nothing was lost.
    if (this.#why !== "start" || this.#state === "live") this.#why = why;
    this.#generation += 1;
    this.#state = "lost";
    this.#forget();
    this.#bell.ring();
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#bell.ring();
  }

  wake(): void {
    this.#bell.ring();
  }

  // For the reader:

  /** Why a snapshot is needed; null when none is. */
  get resetWhy(): string | null {
    return this.#state === "live" ? null : this.#why;
  }

  /** From now on changes are kept; what came before is in any snapshot read from now on. The answer is a ticket for {@link beginAt}. */
  beginReset(): number {
    this.#state = "reading";
    this.#forget();
    return this.#generation;
  }

  /** False when continuity was lost again since `ticket` was given. */
  beginAt(ticket: number, revision: Revision): boolean {
    if (ticket !== this.#generation) return false;
    for (const [path, change] of this.#pending) if (change.modRevision <= revision) this.#drop(path, change);
    this.#after = revision;
    this.#state = "live";
    this.#why = "";
    return true;
  }

  /** @throws what {@link Follower.fail} was given */
  take(): Extract<FollowEvent, { kind: "batch" }> | null {
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#state !== "live" || this.#pending.size === 0) return null;
    const changes = [...this.#pending.values()];
    this.#after = this.#pendingThrough;
    this.#forget();
    return { kind: "batch", revision: this.#after, changes };
  }

  /** Resolves when there may be something to do. */
  changed(): Promise<void> {
    return this.#bell.wait();
  }

  /** An abort of `signal` is something to do, until disposed. */
  wakeOnAbort(signal: AbortSignal): Disposable {
    return this.#bell.ringOnAbort(signal);
  }

  #keep(change: Change): void {
    const before = this.#pending.get(change.path);
    if (before !== undefined) this.#drop(change.path, before);
    this.#pending.set(change.path, change);
    this.#pendingBytes += bytesOf(change);
  }

  #drop(path: string, change: Change): void {
    this.#pending.delete(path);
    this.#pendingBytes -= bytesOf(change);
  }

  #forget(): void {
    this.#pending = new Map();
    this.#pendingBytes = 0;
    this.#pendingThrough = 0n;
  }
}

/** About what it costs in memory: one or two bytes a character, and the objects around them. */
const bytesOf = ({ path, json }: Change): number => path.length + (json?.length ?? 0) + 100;
