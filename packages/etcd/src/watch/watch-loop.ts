import { CodedError } from "@quarterdeck/model";
import type { IResponseHeader } from "etcd3";
import { backoffMs } from "../connection/backoff.ts";
import type { Endpoint } from "../connection/endpoint.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { pause } from "../connection/pause.ts";
import type { Span } from "../keyspace/read-range.ts";
import { Feed } from "./feed.ts";
import { Follower, type FollowerOptions } from "./follower.ts";
import { HistoryCheck } from "./history-check.ts";
import { isOrdered } from "./is-ordered.ts";
import { WatchConnection } from "./watch-connection.ts";

const CONNECT_MS = 700;

/** A follower, and the feed that it shares with all others of the same spans. */
export type Subscription = { readonly feed: Feed; readonly follower: Follower };

/** Keeps one watch stream up as long as anybody follows anything, and moves all feeds over when it breaks. */
export class WatchLoop {
  readonly history: HistoryCheck;
  readonly #endpoints: Endpoints;
  readonly #prefix: string;
  readonly #feeds = new Set<Feed>();
  /** Feeds that others may join, by their spans. */
  readonly #shared = new Map<string, Feed>();
  readonly #closed = new AbortController();
  #connection: WatchConnection | null = null;
  #running = false;

  constructor(endpoints: Endpoints, prefix: string) {
    this.#endpoints = endpoints;
    this.#prefix = prefix;
    this.history = new HistoryCheck(endpoints, prefix, this.#closed.signal);
  }

  open(spans: readonly Span[], options: FollowerOptions): Subscription {
    const feed = this.#feedOf(spans, options);
    const follower = new Follower(options);
    feed.followers.add(follower);
    if (this.#closed.signal.aborted) follower.fail(closedError());
    else if (!this.#running) void this.#run();
    return { feed, follower };
  }

  release({ feed, follower }: Subscription): void {
    feed.followers.delete(follower);
    if (feed.followers.size > 0) return;
    feed.ended.abort();
    this.#feeds.delete(feed);
    const name = nameOf(feed.spans);
    if (this.#shared.get(name) === feed) this.#shared.delete(name);
    this.#connection?.detach(feed);
    if (this.#feeds.size > 0) return;
    this.#connection?.close();
    this.#connection = null;
  }

  close(): void {
    this.#closed.abort();
    for (const feed of this.#feeds) {
      feed.fail(closedError());
      feed.ended.abort();
    }
    this.#connection?.close();
  }

  /** Who begins with a snapshot joins whoever follows the same; who goes on from a revision has a history of its own. */
  #feedOf(spans: readonly Span[], { from }: FollowerOptions): Feed {
    const name = nameOf(spans);
    const shared = from === null ? this.#shared.get(name) : undefined;
    if (shared !== undefined && !shared.failed) return shared;
    const feed = new Feed(spans, from);
    if (from === null) this.#shared.set(name, feed);
    this.#feeds.add(feed);
    this.#connection?.attach(feed);
    return feed;
  }

  async #run(): Promise<void> {
    this.#running = true;
    let failures = 0;
    while (this.#feeds.size > 0 && !this.#closed.signal.aborted) {
      const endpoint = this.#endpoints.current;
      const outcome = await this.#serve(endpoint);
      if (this.#feeds.size === 0 || this.#closed.signal.aborted) break;
      if (outcome === "closed") continue;
      this.#endpoints.failed(endpoint);
      failures = outcome === "broke" ? 0 : failures + 1;
      // A stream that worked until now is replaced at once, from another endpoint; one round over all goes without pauses.
      if (failures >= this.#endpoints.all.length) await this.#backOff(failures - this.#endpoints.all.length);
    }
    this.#running = false;
  }

  async #backOff(failures: number): Promise<void> {
    try {
      await pause(backoffMs(failures), this.#closed.signal);
    } catch (error) {
      if (!this.#closed.signal.aborted) throw error;
    }
  }

  /** Serves all feeds over one stream until it ends: closed by us, broke after etcd had answered, or silent from the start. */
  async #serve(endpoint: Endpoint): Promise<"closed" | "broke" | "silent"> {
    if (!(await endpoint.settled(CONNECT_MS))) return "silent";
    const duplex = await endpoint.watch();
    const checkContinuity = this.#continuity();
    const connection = new WatchConnection(duplex, {
      prefix: this.#prefix,
      principal: this.#endpoints.principal,
      checkContinuity,
    });
    this.#connection = connection;
    for (const feed of this.#feeds) connection.attach(feed);
    if (this.#feeds.size === 0 || this.#closed.signal.aborted) connection.close();
    else void this.#learnOrder(connection, endpoint);
    await connection.ended;
    this.history.saw(connection.newest);
    if (this.#connection === connection) this.#connection = null;
    for (const feed of this.#feeds) feed.detach();
    if (connection.closed) return "closed";
    return connection.answered ? "broke" : "silent";
  }

  async #learnOrder(connection: WatchConnection, endpoint: Endpoint): Promise<void> {
    if (await isOrdered(endpoint, this.#closed.signal)) connection.trustOrder();
  }

  /** The check of one stream: the cluster is looked at once, for all feeds that came over from the stream before. */
  #continuity(): (feed: Feed, header: IResponseHeader) => Promise<string | null> {
    const older = new Set(this.#feeds);
    let verdict: Promise<string | null> | null = null;
    return async (feed, header) => {
      verdict ??= this.history.ofStream(header);
      const why = await verdict;
      const known = feed.startRevision;
      if (known === 0n) return null;
      if (older.delete(feed) && why !== null) return why;
      return this.history.ofRevision(known, header, feed.spans[0]?.start ?? "");
    };
  }
}

const nameOf = (spans: readonly Span[]): string => JSON.stringify(spans);

const closedError = (): CodedError => new CodedError("CANCELLED", { message: "the etcd client was closed" });
