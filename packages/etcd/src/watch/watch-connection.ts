import { CodedError } from "@quarterdeck/model";
import type { IResponseHeader, IWatchResponse } from "etcd3";
import type { Change } from "../client.ts";
import type { WatchDuplex } from "../connection/endpoint.ts";
import { forbidden } from "../connection/grpc-errors.ts";
import type { Revision } from "../keyspace/key.ts";
import { storedValueOf } from "../keyspace/read-range.ts";
import { FeedWatches, type Watch } from "./feed-watches.ts";
import type { Feed } from "./feed.ts";
import { ProgressProbe } from "./progress-probe.ts";
import { RESET_REASONS } from "./reset-cause.ts";

export type ConnectionHooks = {
  readonly prefix: string;
  readonly principal: string;
  /** All watches of a feed stand; the answer says whether it may go on from its resume point, or why not. */
  readonly checkContinuity: (feed: Feed, header: IResponseHeader) => Promise<string | null>;
};

/** One live watch stream that carries the watches of many feeds. */
export class WatchConnection {
  /** Resolves when the stream is over, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #duplex: WatchDuplex;
  readonly #hooks: ConnectionHooks;
  readonly #probe: ProgressProbe;
  readonly #watches = new FeedWatches();
  /** Highest revision at which a feed's watches of "now" begin. */
  readonly #beginnings = new Map<Feed, { revision: Revision }>();
  #newest: Change | null = null;
  #answered = false;
  #closed = false;

  constructor(duplex: WatchDuplex, hooks: ConnectionHooks) {
    this.#duplex = duplex;
    this.#hooks = hooks;
    this.#probe = new ProgressProbe({
      request: () => this.#write({ progress_request: {} }),
      giveUp: () => duplex.cancel(),
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    const end = (): void => {
      this.#probe.stop();
      resolve();
    };
    // Why a stream broke does not matter: whatever is wrong shows when the next one is opened.
    duplex.on("error", end).on("end", end).on("close", end);
    duplex.on("data", (response) => this.#receive(response));
  }

  /** Whether etcd ever said anything on this stream. */
  get answered(): boolean {
    return this.#answered;
  }

  /** The last value that was written, as far as was heard here. */
  get newest(): Change | null {
    return this.#newest;
  }

  /** Whether it ended because nobody needed it any more. */
  get closed(): boolean {
    return this.#closed;
  }

  trustOrder(): void {
    this.#probe.trustOrder();
  }

  attach(feed: Feed): void {
    this.#beginnings.set(feed, { revision: 0n });
    for (const span of feed.spans.keys()) this.#create(feed, span);
  }

  detach(feed: Feed): void {
    this.#probe.remove(feed);
    this.#beginnings.delete(feed);
    for (const id of this.#watches.deleteFeed(feed)) this.#write({ cancel_request: { watch_id: id } });
  }

  close(): void {
    this.#closed = true;
    this.#duplex.cancel();
  }

  #create(feed: Feed, spanIndex: number): void {
    const span = feed.spans[spanIndex];
    if (span === undefined) return;
    const { id } = this.#watches.create(feed, spanIndex);
    const { start, end } = span;
    const range = end === null ? {} : { range_end: Buffer.from(end) };
    const key = Buffer.from(start);
    // In pieces, where a revision is larger than a message should be.
    const options = { start_revision: feed.startRevision.toString(), watch_id: id, fragment: true };
    this.#write({ create_request: { key, ...range, ...options } });
  }

  #write(request: Parameters<WatchDuplex["write"]>[0]): void {
    if (this.#duplex.writable) this.#duplex.write(request);
  }

  #receive(response: IWatchResponse): void {
    this.#answered = true;
    this.#probe.heard();
    if (response.created) return this.#created(response);
    const watch = this.#watches.get(response.watch_id);
    if (response.canceled) return watch === undefined ? undefined : this.#canceled(watch, response);
    if (response.events.length === 0) return this.#probe.answered(BigInt(response.header.revision));
    if (watch !== undefined) this.#take(watch, response);
  }

  #take(watch: Watch, response: IWatchResponse): void {
    let changes = response.events.map((event) => this.#change(event));
    if (watch.fragments !== null) for (const change of changes) watch.fragments.push(change);
    else if (response.fragment) watch.fragments = changes;
    if (response.fragment) return;
    changes = watch.fragments ?? changes;
    watch.fragments = null;
    const last = changes.findLast((change) => change.json !== null);
    if (last !== undefined && last.modRevision > (this.#newest?.modRevision ?? 0n)) this.#newest = last;
    const why = watch.feed.receive(changes);
    if (why !== null) return this.#startOver(watch.feed, why);
    if (watch.feed.hasUnconfirmed) this.#probe.hurry(watch.feed);
  }

  #created(response: IWatchResponse): void {
    const watch = this.#watches.answered();
    if (watch === undefined) return;
    if (response.canceled) return this.#canceled(watch, response);
    const { feed } = watch;
    const revision = BigInt(response.header.revision);
    const beginning = this.#beginnings.get(feed);
    if (beginning !== undefined && revision > beginning.revision) beginning.revision = revision;
    if (this.#watches.stand(feed)) void this.#admit(feed, response.header);
  }

  async #admit(feed: Feed, header: IResponseHeader): Promise<void> {
    const beginning = this.#beginnings.get(feed);
    const why = await this.#hooks.checkContinuity(feed, header);
    if (beginning === undefined || beginning !== this.#beginnings.get(feed) || !this.#watches.stand(feed)) return;
    if (why !== null) return this.#startOver(feed, why);
    const fromNow = feed.startRevision === 0n;
    feed.attach(beginning.revision);
    this.#probe.add(feed, fromNow);
  }

  #canceled(watch: Watch, response: IWatchResponse): void {
    if (this.#watches.get(watch.id) === undefined) return;
    this.#watches.delete(watch);
    const { feed, span } = watch;
    const reason = response.cancel_reason;
    if (response.compact_revision !== "0")
      return this.#startOver(feed, `${RESET_REASONS.compacted} ${response.compact_revision} was compacted`);
    if (/revision of auth store is old/.test(reason)) return this.#create(feed, span);
    if (response.created) return feed.fail(this.#refusal(feed.spans[span]?.start ?? "", reason));
    this.#startOver(feed, `${RESET_REASONS.cancelled}${reason === "" ? "" : `: ${reason}`}`);
  }

  #startOver(feed: Feed, why: string): void {
    this.detach(feed);
    feed.detach();
    feed.lose(why);
    this.attach(feed);
  }

  #refusal(start: string, reason: string): CodedError {
    const { principal } = this.#hooks;
    return new CodedError(
      "ETCD_FORBIDDEN",
      forbidden({ action: `watch ${start}`, principal, said: reason || "refused" }),
    );
  }

  #change({ type, kv }: IWatchResponse["events"][number]): Change {
    const { json, createRevision, modRevision, path } = storedValueOf(kv);
    return {
      path: path.slice(this.#hooks.prefix.length),
      json: type === "Delete" ? null : json,
      createRevision,
      modRevision,
    };
  }
}
