import { CodedError } from "@quarterdeck/model";
import type { EtcdOptions } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import { CredentialWatch, stampOf } from "./credential-watch.ts";
import { Endpoint } from "./endpoint.ts";
import { readCredentials, type Credentials } from "./read-credentials.ts";

/** The cluster's endpoints in random order, and the one in use: everybody stays with it until somebody finds it failing. */
export class Endpoints {
  readonly all: readonly Endpoint[];
  readonly callTimeoutMs: number;
  #credentials: Credentials | null;
  #watch: CredentialWatch | null = null;
  #current = 0;
  #closed = false;
  /** etcd's revision as of the last answer; 0 before any. Whatever is sent from now on takes effect after it. */
  revision: Revision = 0n;

  /**
   * Reads the certificates and follows their files.
   * @throws {CodedError} INVALID_CONFIG, INVALID_CERTIFICATE
   */
  static async open(options: EtcdOptions, signal: AbortSignal): Promise<Endpoints> {
    const { tls } = options;
    if (tls === null) return new Endpoints(options, null);
    const stamp = await stampOf(tls);
    const endpoints = new Endpoints(options, await readCredentials(tls));
    signal.throwIfAborted();
    endpoints.#watch = new CredentialWatch(tls, stamp, (credentials) => endpoints.#renew(credentials));
    return endpoints;
  }

  constructor(options: EtcdOptions, credentials: Credentials | null) {
    if (options.endpoints.length === 0)
      throw new CodedError("INVALID_CONFIG", { message: "no etcd endpoint was given" });
    for (const url of options.endpoints) checkUrl(url, credentials !== null);
    this.all = shuffled(options.endpoints).map((url) => new Endpoint(url.replace(/\/+$/, ""), credentials));
    this.#credentials = credentials;
    this.callTimeoutMs = options.callTimeoutMs ?? 5_000;
  }

  /** Null over `http://`. */
  get credentials(): Credentials | null {
    return this.#credentials;
  }

  /** The name that etcd knows us by. */
  get principal(): string {
    return this.#credentials?.principal ?? "anonymous";
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

  /** Reads the certificates' files now if they changed: a call that failed over them may succeed with what is there by now. */
  async lookAtCertificates(): Promise<void> {
    await this.#watch?.look();
  }

  /** @throws {CodedError} CANCELLED once it was closed */
  checkOpen(): void {
    if (this.#closed) throw new CodedError("CANCELLED", { message: "the etcd client was closed" });
  }

  close(): void {
    this.#closed = true;
    this.#watch?.[Symbol.dispose]();
    for (const endpoint of this.all) endpoint.close();
  }

  #renew(credentials: Credentials): void {
    this.#credentials = credentials;
    for (const endpoint of this.all) endpoint.renew(credentials);
  }
}

function checkUrl(url: string, secure: boolean): void {
  const [scheme, other] = secure ? ["https", "http"] : ["http", "https"];
  if (isEndpoint(url)) {
    if (url.startsWith(`${scheme}://`)) return;
    throw new CodedError("INVALID_CONFIG", {
      message: `etcd endpoint ${url} is ${other}, but ${secure ? "certificates were given" : "no certificate was given"}`,
      try: secure ? url.replace("http:", "https:") : "give CA, certificate and key",
    });
  }
  throw new CodedError("INVALID_CONFIG", {
    message: `etcd endpoint ${JSON.stringify(url)} is not of the form ${scheme}://host:port`,
    try: completed(url, scheme),
  });
}

function isEndpoint(url: string): boolean {
  return /^https?:\/\/(\[[\da-fA-F:.]+\]|[^\s/:@?#[\]]+):\d{1,5}\/?$/.test(url) && URL.canParse(url);
}

/** What may have been meant: without a scheme, without a port, with a path. */
function completed(url: string, scheme: string): string {
  const host = url.replace(/^[a-z]*:\/\//i, "").replace(/\/.*$/, "");
  const guesses = [`${scheme}://${host}`, `${scheme}://${host}:2379`];
  return guesses.find(isEndpoint) ?? `${scheme}://127.0.0.1:2379`;
}

function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
