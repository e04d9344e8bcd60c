import type { Revision } from "../keyspace/key.ts";
import type { Watcher } from "./watcher.ts";

const IDLE_MS = 2_000;
const HURRY_MS = 200;
const SILENT_MS = 5_000;

/**
 * Asks etcd how far a stream has been served. An answer counts for all watchers that were attached before the oldest question still open: etcd
 * answers in order, but drops a question while a watch of the stream catches up, so which one an answer belongs to is not known.
 */
export class ProgressProbe {
  readonly #request: () => void;
  readonly #giveUp: () => void;
  /** Number of questions asked before a watcher was attached. */
  readonly #watchers = new Map<Watcher, number>();
  readonly #open: number[] = [];
  #asked = 0;
  #lastHeard = performance.now();
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Infinity;

  constructor(actions: { readonly request: () => void; readonly giveUp: () => void }) {
    this.#request = actions.request;
    this.#giveUp = actions.giveUp;
    this.#schedule(IDLE_MS);
  }

  add(watcher: Watcher): void {
    this.#watchers.set(watcher, this.#asked);
    if (watcher.hasUnconfirmed) this.hurry();
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  /** Changes wait for an answer. */
  hurry(): void {
    if (this.#open.length === 0) this.#ask();
    else this.#schedule(HURRY_MS);
  }

  heard(): void {
    this.#lastHeard = performance.now();
  }

  answered(revision: Revision): void {
    const question = this.#open.shift() ?? this.#asked;
    for (const [watcher, askedBefore] of this.#watchers) if (askedBefore < question) watcher.confirm(revision);
    if ([...this.#watchers.keys()].some((watcher) => watcher.hasUnconfirmed)) this.#ask();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dueAt = -Infinity;
  }

  #ask(): void {
    this.#open.push((this.#asked += 1));
    this.#request();
    const waiting = [...this.#watchers.keys()].some((watcher) => watcher.hasUnconfirmed);
    this.#dueAt = Infinity;
    this.#schedule(waiting ? HURRY_MS : IDLE_MS);
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
    if (this.#open.length > 0 && performance.now() - this.#lastHeard > SILENT_MS) this.#giveUp();
    else this.#ask();
  }
}
