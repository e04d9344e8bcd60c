import { CodedError } from "@quarterdeck/model";
import type { EtcdOptions } from "../client.ts";
import { Endpoint } from "./endpoint.ts";
import type { Credentials } from "./read-credentials.ts";

/** The cluster's endpoints in random order, and the one in use: everybody stays with it until somebody finds it failing. */
export class Endpoints {
  readonly all: readonly Endpoint[];
  readonly principal: string;
  readonly callTimeoutMs: number;
  #current = 0;

  constructor(options: EtcdOptions, credentials: Credentials | null) {
    if (options.endpoints.length === 0)
      throw new CodedError("INVALID_CONFIG", { message: "no etcd endpoint was given" });
    for (const url of options.endpoints) checkUrl(url, credentials !== null);
    this.all = shuffled(options.endpoints).map((url) => new Endpoint(url.replace(/\/+$/, ""), credentials));
    this.principal = credentials?.principal ?? "anonymous";
    this.callTimeoutMs = options.callTimeoutMs ?? 5_000;
  }

  get current(): Endpoint {
    const endpoint = this.all[this.#current];
    if (endpoint === undefined) throw new RangeError("no current endpoint");
    return endpoint;
  }

  /** Turns to the next one, unless somebody else already turned away from `endpoint`. */
  failed(endpoint: Endpoint): void {
    if (this.current === endpoint) this.#current = (this.#current + 1) % this.all.length;
  }

  close(): void {
    for (const endpoint of this.all) endpoint.close();
  }
}

function checkUrl(url: string, secure: boolean): void {
  const scheme = secure ? "https" : "http";
  if (URL.canParse(url) && new URL(url).protocol === `${scheme}:` && new URL(url).port !== "") return;
  throw new CodedError("INVALID_CONFIG", {
    message: `etcd endpoint ${JSON.stringify(url)} is not of the form ${scheme}://host:port`,
  });
}

function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
