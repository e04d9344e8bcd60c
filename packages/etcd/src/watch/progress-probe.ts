import type { Revision } from "../keyspace/key.ts";
import type { Feed } from "./feed.ts";

const IDLE_MS = 2_000;
const HURRY_MS = 200;
const SILENT_MS = 5_000;
/** How long an etcd that answers out of order is given to send a feed the history that it asked for. */
const SETTLE_MS = 1_000;

type Question = { readonly number: number; readonly at: number };
type Answer = {
  readonly question: number;
  readonly revision: Revision;
  readonly askedWhenHeard: number;
  readonly at: number;
};
type Attached = { readonly feed: Feed; readonly askedBefore: number; readonly at: number };

/**
 * Asks etcd how far a stream has been served. An answer counts for all feeds that were attached before the oldest question still open: etcd
 * answers in order, but drops a question while a watch of the stream catches up, so which one an answer belongs to is not known.
 *
 * Before 3.4.25 and 3.5.8 (etcd#15220) an answer may overtake changes that it covers. Of such an etcd an answer counts only once a question
 * that was asked after it has been answered too: by then what was overtaken is through.
 */
export class ProgressProbe {
  readonly #request: () => void;
  readonly #giveUp: () => void;
  readonly #feeds = new Map<Feed, Attached>();
  readonly #waiting = new Set<Feed>();
  #open: Question[] = [];
  #asked = 0;
  #ordered = false;
  #heardSinceAsked = true;
  #first: Answer | null = null;
  #lastHeard = performance.now();
  #lastRound = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Infinity;

  constructor(actions: { readonly request: () => void; readonly giveUp: () => void }) {
    this.#request = actions.request;
    this.#giveUp = actions.giveUp;
    this.#schedule(IDLE_MS);
  }

  /** This etcd's answers overtake nothing. */
  trustOrder(): void {
    this.#ordered = true;
  }

  /** `fromNow`: etcd owes the feed no history, so every answer counts for it. */
  add(feed: Feed, fromNow: boolean): void {
    const [askedBefore, at] = fromNow ? [-1, -Infinity] : [this.#asked, performance.now()];
    this.#feeds.set(feed, { feed, askedBefore, at });
    if (feed.hasUnconfirmed) this.hurry(feed);
  }

  remove(feed: Feed): void {
    this.#feeds.delete(feed);
    this.#waiting.delete(feed);
  }

  /** Changes of `feed` wait for an answer. */
  hurry(feed: Feed): void {
    if (!this.#feeds.has(feed)) return;
    this.#waiting.add(feed);
    if (this.#heardSinceAsked) this.#ask();
    else this.#schedule(HURRY_MS);
  }

  heard(): void {
    this.#lastHeard = performance.now();
  }

  answered(revision: Revision): void {
    this.#heardSinceAsked = true;
    const answer = {
      question: this.#open.shift()?.number ?? this.#asked,
      revision,
      askedWhenHeard: this.#asked,
      at: performance.now(),
    };
    if (this.#ordered) {
      this.#confirm(answer);
    } else if (this.#first === null) {
      this.#first = answer;
      return this.#ask();
    } else if (answer.question > this.#first.askedWhenHeard) {
      const first = this.#first;
      this.#first = null;
      this.#confirm(first);
    }
    if (this.#waiting.size === 0) return;
    if (this.#isSettling()) this.#schedule(HURRY_MS);
    else this.#ask();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dueAt = -Infinity;
  }

  #confirm(answer: Answer): void {
    // Feeds that wait are served by every answer; the others only need to hear now and then that they missed nothing.
    const round = performance.now() - this.#lastRound > IDLE_MS / 2;
    if (round) this.#lastRound = performance.now();
    for (const feed of round ? this.#feeds.keys() : this.#waiting) {
      const attached = this.#feeds.get(feed);
      if (attached === undefined || attached.askedBefore >= answer.question) continue;
      if (!this.#ordered && answer.at - attached.at < SETTLE_MS) continue;
      feed.confirm(answer.revision);
      if (!feed.hasUnconfirmed) this.#waiting.delete(feed);
    }
  }

  /** Whether asking at once would only be told what does not count yet. */
  #isSettling(): boolean {
    if (this.#ordered) return false;
    const now = performance.now();
    for (const feed of this.#waiting) if (now - (this.#feeds.get(feed)?.at ?? 0) >= SETTLE_MS) return false;
    return true;
  }

  #ask(): void {
    const now = performance.now();
    // So old a question was dropped.
    this.#open = this.#open.filter(({ at }) => now - at < SILENT_MS);
    this.#open.push({ number: (this.#asked += 1), at: now });
    this.#heardSinceAsked = false;
    this.#request();
    this.#dueAt = Infinity;
    this.#schedule(this.#waiting.size > 0 ? HURRY_MS : IDLE_MS);
  }

  #schedule(ms: number): void {
    const dueAt = performance.now() + ms;
    if (dueAt >= this.#dueAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => this.#due(), ms);
  }

  #due(): void {
    this.#dueAt = Infinity;
    if (!this.#heardSinceAsked && performance.now() - this.#lastHeard > SILENT_MS) this.#giveUp();
    else this.#ask();
  }
}
