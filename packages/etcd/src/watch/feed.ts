import type { Change } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import type { ReadResult, Span } from "../keyspace/read-range.ts";
import { PENDING_LIMITS, type Follower } from "./follower.ts";

/**
 * The etcd watches of some spans, one a span, shared by all followers of these spans. Knows up to where everything was received, so that a new
 * stream goes on from there.
 *
 * With several spans etcd sends one transaction as several messages; changes then wait until a progress notification says that all of the spans
 * have been served up to a revision.
 */
export class Feed {
  readonly spans: readonly Span[];
  readonly followers = new Set<Follower>();
  /** Aborted when nobody follows any more. */
  readonly ended = new AbortController();
  /** A snapshot that is being read; those who come meanwhile may share it. */
  snapshot: Promise<ReadResult | null> | null = null;
  /** Everything up to here was received; null before the first watch stands. */
  #after: Revision | null;
  /** Up to here a new watch repeats what was received. */
  #floor: Revision = 0n;
  #unconfirmed: Change[] = [];
  /** The highest revision of which etcd said that there was nothing left to send. */
  #confirmedThrough: Revision = 0n;
  #attached = false;
  #failed = false;

  constructor(spans: readonly Span[], from: Revision | null) {
    this.spans = spans;
    this.#after = from;
  }

  /**
   * Where a new watch of etcd begins; 0 is "now". The revision received last is asked for again and dropped: a watch that begins in the
   * future gets no progress notifications.
   */
  get startRevision(): Revision {
    return this.#after ?? 0n;
  }

  get attached(): boolean {
    return this.#attached;
  }

  /** Nobody may join any more. */
  get failed(): boolean {
    return this.#failed;
  }

  get hasUnconfirmed(): boolean {
    return this.#unconfirmed.length > 0;
  }

  /** All watches stand and send what comes after `revision`, which counts only for those that began "now". */
  attach(revision: Revision): void {
    this.#after ??= revision;
    const floor = this.#after;
    this.#floor = floor;
    this.#confirmedThrough = floor;
    this.#attached = true;
    const early = this.#unconfirmed.filter((change) => change.modRevision > floor);
    this.#unconfirmed = [];
    if (early.length > 0) this.receive(early);
    for (const follower of this.followers) follower.wake();
  }

  /** The stream is gone; what was not confirmed will be sent again. */
  detach(): void {
    this.#attached = false;
    this.#unconfirmed = [];
  }

  /** The answer says why the feed has to start over, or is null. */
  receive(changes: readonly Change[]): string | null {
    const fresh = this.#attached ? changes.filter((change) => change.modRevision > this.#floor) : changes;
    if (fresh.length === 0) return null;
    if (this.#attached && this.spans.length === 1) {
      // One span's message holds whole revisions, in order.
      this.#release(fresh, fresh.reduce(later, 0n));
      return null;
    }
    if (this.#attached && fresh.some((change) => change.modRevision <= this.#confirmedThrough))
      return "etcd sent a change after it had said that there was none";
    // Until all watches stand and are known to go on where the last ones ended, nothing is passed on.
    for (const change of fresh) this.#unconfirmed.push(change);
    return this.#unconfirmed.length > 2 * PENDING_LIMITS.keys ? "too many changes came without a confirmation" : null;
  }

  /** etcd has sent everything up to `revision`. */
  confirm(revision: Revision): void {
    if (this.#after !== null && revision >= this.#after && this.#attached) {
      const confirmed = this.#unconfirmed.filter((change) => change.modRevision <= revision);
      if (confirmed.length > 0) this.#unconfirmed = this.#unconfirmed.filter((change) => change.modRevision > revision);
      this.#confirmedThrough = revision;
      this.#release(confirmed, revision);
    } else {
      for (const follower of this.followers) follower.confirmed();
    }
  }

  /** What the followers have may have a gap: they start over from a snapshot. */
  lose(why: string): void {
    this.#after = null;
    this.#unconfirmed = [];
    for (const follower of this.followers) follower.lose(why);
  }

  fail(error: unknown): void {
    this.#failed = true;
    for (const follower of this.followers) follower.fail(error);
  }

  #release(changes: readonly Change[], through: Revision): void {
    if (this.#after === null || through > this.#after) this.#after = through;
    for (const follower of this.followers) {
      if (changes.length > 0) follower.receive(changes, through);
      follower.confirmed();
    }
  }
}

const later = (most: Revision, { modRevision }: Change): Revision => (modRevision > most ? modRevision : most);
