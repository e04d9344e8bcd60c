import { CodedError } from "@quarterdeck/model";
import type { IResponseHeader } from "etcd3";
import { backoffMs } from "../connection/backoff.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoint } from "../connection/endpoint.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { pause } from "../connection/pause.ts";
import type { Revision } from "../keyspace/key.ts";
import { WatchConnection } from "./watch-connection.ts";
import { Watcher } from "./watcher.ts";

const CONNECT_MS = 700;

/** Keeps one watch stream up as long as anybody follows anything, and moves all watchers over when it breaks. */
export class WatchLoop {
  readonly #endpoints: Endpoints;
  readonly #prefix: string;
  readonly #watchers = new Set<Watcher>();
  readonly #closed = new AbortController();
  #connection: WatchConnection | null = null;
  #running = false;
  #clusterId: string | null = null;

  constructor(endpoints: Endpoints, prefix: string) {
    this.#endpoints = endpoints;
    this.#prefix = prefix;
  }

  open(
    spans: Watcher["spans"],
    options: { readonly from: Revision | null; readonly onConfirmed: () => void },
  ): Watcher {
    const watcher = new Watcher(spans, options);
    if (this.#closed.signal.aborted) watcher.fail(closedError());
    this.#watchers.add(watcher);
    this.#connection?.attach(watcher);
    if (!this.#running) void this.#run();
    return watcher;
  }

  release(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    this.#connection?.detach(watcher);
    if (this.#watchers.size > 0) return;
    this.#connection?.close();
    this.#connection = null;
  }

  close(): void {
    this.#closed.abort();
    for (const watcher of this.#watchers) watcher.fail(closedError());
    this.#connection?.close();
  }

  async #run(): Promise<void> {
    this.#running = true;
    let failures = 0;
    while (this.#watchers.size > 0 && !this.#closed.signal.aborted) {
      const endpoint = this.#endpoints.current;
      const outcome = await this.#serve(endpoint);
      if (this.#watchers.size === 0 || this.#closed.signal.aborted) break;
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

  /** Serves all watchers over one stream until it ends: closed by us, broke after etcd had answered, or silent from the start. */
  async #serve(endpoint: Endpoint): Promise<"closed" | "broke" | "silent"> {
    if (!(await endpoint.settled(CONNECT_MS))) return "silent";
    const duplex = await endpoint.watch();
    const connection = new WatchConnection(duplex, {
      prefix: this.#prefix,
      principal: this.#endpoints.principal,
      checkContinuity: (watcher, header) => this.#checkContinuity(watcher, header),
    });
    this.#connection = connection;
    for (const watcher of this.#watchers) connection.attach(watcher);
    if (this.#watchers.size === 0 || this.#closed.signal.aborted) connection.close();
    await connection.ended;
    if (this.#connection === connection) this.#connection = null;
    for (const watcher of this.#watchers) watcher.detached();
    if (connection.closed) return "closed";
    return connection.answered ? "broke" : "silent";
  }

  async #checkContinuity(watcher: Watcher, header: IResponseHeader): Promise<string | null> {
    const before = this.#clusterId;
    this.#clusterId = header.cluster_id;
    if (before !== null && before !== header.cluster_id) {
      for (const other of this.#watchers) if (other !== watcher) other.lose("this is another cluster than before");
      return "this is another cluster than before";
    }
    // A member may lag behind the one we left; only a linearizable read tells that from a cluster whose history was taken back.
    if (BigInt(header.revision) >= watcher.startRevision) return null;
    return (await this.#currentRevision(watcher)) < watcher.startRevision ? "the cluster's revision went back" : null;
  }

  async #currentRevision(watcher: Watcher): Promise<Revision> {
    const start = watcher.spans[0]?.start ?? "";
    const request = { key: Buffer.from(start), limit: 1, keys_only: true };
    try {
      const answer = await callEtcd(
        this.#endpoints,
        { name: "range", request },
        { action: `read ${start}`, repeatable: true },
        this.#closed.signal,
      );
      return BigInt(answer.header.revision);
    } catch (error) {
      // Not knowing is no proof of a loss: the watch begins at its resume point, and a stream that breaks asks again.
      if (error instanceof CodedError || this.#closed.signal.aborted) return watcher.startRevision;
      throw error;
    }
  }
}

const closedError = (): CodedError => new CodedError("CANCELLED", { message: "the etcd client was closed" });
