import { CodedError } from "@quarterdeck/model";
import type { IResponseHeader, IWatchResponse } from "etcd3";
import type { Change } from "../client.ts";
import type { WatchDuplex } from "../connection/endpoint.ts";
import { forbidden } from "../connection/grpc-errors.ts";
import { storedValueOf } from "../keyspace/read-range.ts";
import { ProgressProbe } from "./progress-probe.ts";
import type { Watcher } from "./watcher.ts";

export type ConnectionHooks = {
  readonly prefix: string;
  readonly principal: string;
  /** All watches of a watcher stand; the answer says whether it may go on from its resume point, or why not. */
  readonly checkContinuity: (watcher: Watcher, header: IResponseHeader) => Promise<string | null>;
};

/** One live watch stream that carries the watches of many watchers. */
export class WatchConnection {
  /** Resolves when the stream is over, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #duplex: WatchDuplex;
  readonly #hooks: ConnectionHooks;
  readonly #probe: ProgressProbe;
  /** Watches by their id on this stream. */
  readonly #watches = new Map<string, { readonly watcher: Watcher; readonly span: number }>();
  /** Ids asked for and not answered yet: a refusal comes without its id, but in order. */
  readonly #creating: string[] = [];
  #lastId = 0;
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

  attach(watcher: Watcher): void {
    for (const span of watcher.spans.keys()) this.#create(watcher, span);
  }

  detach(watcher: Watcher): void {
    this.#probe.remove(watcher);
    for (const [id, watch] of this.#watches) {
      if (watch.watcher !== watcher) continue;
      this.#watches.delete(id);
      this.#write({ cancel_request: { watch_id: id } });
    }
  }

  /** Whether it ended because nobody needed it any more. */
  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#duplex.cancel();
  }

  #create(watcher: Watcher, spanIndex: number): void {
    const span = watcher.spans[spanIndex];
    if (span === undefined) return;
    const id = String((this.#lastId += 1));
    this.#watches.set(id, { watcher, span: spanIndex });
    this.#creating.push(id);
    const { start, end } = span;
    const range = end === null ? {} : { range_end: Buffer.from(end) };
    this.#write({
      create_request: {
        key: Buffer.from(start),
        ...range,
        start_revision: watcher.startRevision.toString(),
        watch_id: id,
      },
    });
  }

  #write(request: Parameters<WatchDuplex["write"]>[0]): void {
    if (this.#duplex.writable) this.#duplex.write(request);
  }

  #receive(response: IWatchResponse): void {
    this.#answered = true;
    this.#probe.heard();
    if (response.created) return this.#created(response);
    if (response.canceled) return this.#canceled(response.watch_id, response);
    if (response.events.length === 0) return this.#probe.answered(BigInt(response.header.revision));
    const watch = this.#watches.get(response.watch_id);
    if (watch === undefined) return;
    watch.watcher.receive(response.events.map((event) => this.#change(event)));
    if (watch.watcher.hasUnconfirmed) this.#probe.hurry();
  }

  #created(response: IWatchResponse): void {
    const id = this.#creating.shift() ?? "";
    if (response.canceled) return this.#canceled(id, response);
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    const { watcher } = watch;
    if (this.#creating.some((other) => this.#watches.get(other)?.watcher === watcher)) return;
    void this.#admit(watcher, response.header);
  }

  async #admit(watcher: Watcher, header: IResponseHeader): Promise<void> {
    const why = await this.#hooks.checkContinuity(watcher, header);
    if (![...this.#watches.values()].some((watch) => watch.watcher === watcher)) return;
    if (why !== null) return this.#startOver(watcher, why);
    this.#probe.add(watcher);
    watcher.attached();
  }

  #canceled(id: string, response: IWatchResponse): void {
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    this.#watches.delete(id);
    const { watcher, span } = watch;
    const reason = response.cancel_reason;
    if (response.compact_revision !== "0")
      return this.#startOver(watcher, `history before revision ${response.compact_revision} was compacted`);
    if (/revision of auth store is old/.test(reason)) return this.#create(watcher, span);
    if (response.created) return watcher.fail(this.#refusal(watcher.spans[span]?.start ?? "", reason));
    this.#startOver(watcher, `etcd cancelled the watch${reason === "" ? "" : `: ${reason}`}`);
  }

  #startOver(watcher: Watcher, why: string): void {
    this.detach(watcher);
    watcher.detached();
    watcher.lose(why);
    this.attach(watcher);
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
