import type { Change, FollowEvent } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import type { Span } from "../keyspace/read-range.ts";
import { Bell } from "./bell.ts";

/**
 * The state of one follow between the stream that feeds it and the reader that empties it. What the reader has not taken is kept as the last
 * change of each key, so a slow reader costs memory by keys, not by events.
 *
 * With several spans etcd sends one transaction as several messages; changes then wait in `#unconfirmed` until a progress notification says that
 * all of the spans have been served up to a revision.
 */
export class Watcher {
  readonly spans: readonly Span[];
  readonly #onConfirmed: () => void;
  /** Everything up to here was received; null while a snapshot is needed. */
  #after: Revision | null;
  #resetWhy: string | null;
  /** Rises whenever continuity is lost, so that a snapshot begun before cannot heal it. */
  #generation = 0;
  #ready = new Map<string, Change>();
  #readyThrough: Revision = 0n;
  #unconfirmed: Change[] = [];
  #failure: { readonly error: unknown } | null = null;
  #attached = false;
  readonly #bell = new Bell();

  constructor(spans: readonly Span[], options: { readonly from: Revision | null; readonly onConfirmed: () => void }) {
    this.spans = spans;
    this.#onConfirmed = options.onConfirmed;
    this.#after = options.from;
    this.#resetWhy = options.from === null ? "start" : null;
  }

  // For the stream:

  /**
   * Where a new watch of etcd begins; 0 is "now". The revision received last is asked for again and dropped: a watch that begins in the
   * future gets no progress notifications.
   */
  get startRevision(): Revision {
    return this.#after ?? 0n;
  }

  get hasUnconfirmed(): boolean {
    return this.#unconfirmed.length > 0;
  }

  attached(): void {
    this.#attached = true;
    this.#bell.ring();
  }

  /** The stream is gone; what was not confirmed will be sent again. */
  detached(): void {
    this.#attached = false;
    this.#unconfirmed = [];
    // Without a resume point the gap until the next stream would go unseen.
    if (this.#resetWhy !== null) this.lose(this.#resetWhy);
  }

  receive(changes: readonly Change[]): void {
    const fresh = changes.filter((change) => change.modRevision > (this.#after ?? 0n));
    if (fresh.length === 0) return;
    if (this.spans.length > 1) {
      this.#unconfirmed.push(...fresh);
      return;
    }
    // One span's message holds whole revisions only.
    this.#release(
      fresh,
      fresh.reduce((most, change) => (change.modRevision > most ? change.modRevision : most), 0n),
    );
  }

  /** etcd has sent everything up to `revision`. */
  confirm(revision: Revision): void {
    if (this.#after !== null && revision < this.#after) return;
    const confirmed = this.#unconfirmed.filter((change) => change.modRevision <= revision);
    this.#unconfirmed = this.#unconfirmed.filter((change) => change.modRevision > revision);
    this.#release(confirmed, revision);
  }

  /** What the reader has may have a gap: it starts over from a snapshot. */
  lose(why: string): void {
    this.#generation += 1;
    this.#after = null;
    this.#resetWhy = why;
    this.#ready.clear();
    this.#readyThrough = 0n;
    this.#unconfirmed = [];
    this.#bell.ring();
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#bell.ring();
  }

  // For the reader:

  get generation(): number {
    return this.#generation;
  }

  /** Why a snapshot is needed, once the stream is up: what it sends from now on joins on to a snapshot taken from now on. */
  get resetDue(): string | null {
    return this.#attached ? this.#resetWhy : null;
  }

  /** False when continuity was lost again since `generation`. */
  beginAt(generation: number, revision: Revision): boolean {
    if (generation !== this.#generation) return false;
    for (const [path, change] of this.#ready) if (change.modRevision <= revision) this.#ready.delete(path);
    this.#unconfirmed = this.#unconfirmed.filter((change) => change.modRevision > revision);
    this.#after = this.#readyThrough > revision ? this.#readyThrough : revision;
    this.#resetWhy = null;
    return true;
  }

  /** @throws what {@link Watcher.fail} was given */
  take(): Extract<FollowEvent, { kind: "batch" }> | null {
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#resetWhy !== null || this.#ready.size === 0) return null;
    const changes = [...this.#ready.values()];
    this.#ready = new Map();
    return { kind: "batch", revision: this.#readyThrough, changes };
  }

  /** Resolves when there may be something to do, or `signal` is aborted. */
  changed(signal: AbortSignal): Promise<void> {
    return this.#bell.wait(signal);
  }

  #release(changes: readonly Change[], through: Revision): void {
    for (const change of changes) {
      this.#ready.delete(change.path);
      this.#ready.set(change.path, change);
    }
    if (through > this.#readyThrough) this.#readyThrough = through;
    if (this.#resetWhy === null) this.#after = through;
    this.#onConfirmed();
    if (this.#ready.size > 0) this.#bell.ring();
  }
}
