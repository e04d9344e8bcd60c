import type { Change } from "../client.ts";
import type { Feed } from "./feed.ts";

/** One etcd watch: one span of a feed on one stream. */
export type Watch = { readonly id: string; readonly feed: Feed; readonly span: number; fragments: Change[] | null };

type Standing = { readonly watches: Map<string, Watch>; creating: number };

/** The watches of a stream by their ids and by their feeds; every question costs the same however many there are. */
export class FeedWatches {
  readonly #watches = new Map<string, Watch>();
  readonly #feeds = new Map<Feed, Standing>();
  /** Ids asked for and not answered yet: a refusal comes without its id, but in order. */
  readonly #creating = new Set<string>();
  #lastId = 0;

  get(id: string): Watch | undefined {
    return this.#watches.get(id);
  }

  has(feed: Feed): boolean {
    return this.#feeds.has(feed);
  }

  create(feed: Feed, span: number): Watch {
    const watch = { id: String((this.#lastId += 1)), feed, span, fragments: null };
    let standing = this.#feeds.get(feed);
    if (standing === undefined) this.#feeds.set(feed, (standing = { watches: new Map(), creating: 0 }));
    standing.watches.set(watch.id, watch);
    standing.creating += 1;
    this.#watches.set(watch.id, watch);
    this.#creating.add(watch.id);
    return watch;
  }

  /** The watch that etcd's next answer to a creation is about; undefined when it was given up meanwhile. */
  answered(): Watch | undefined {
    const [id] = this.#creating;
    if (id === undefined) return undefined;
    this.#creating.delete(id);
    const watch = this.#watches.get(id);
    const standing = watch === undefined ? undefined : this.#feeds.get(watch.feed);
    if (standing !== undefined) standing.creating -= 1;
    return watch;
  }

  /** Whether etcd has answered to all of a feed's watches. */
  stand(feed: Feed): boolean {
    return this.#feeds.get(feed)?.creating === 0;
  }

  delete(watch: Watch): void {
    this.#watches.delete(watch.id);
    this.#feeds.get(watch.feed)?.watches.delete(watch.id);
  }

  /** Forgets a feed; the ids of its watches are to be cancelled. */
  deleteFeed(feed: Feed): readonly string[] {
    const ids = [...(this.#feeds.get(feed)?.watches.keys() ?? [])];
    for (const id of ids) this.#watches.delete(id);
    this.#feeds.delete(feed);
    return ids;
  }
}
