import type { EtcdClient, Lease } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import type { LinkFaults } from "../testing/fault-link.ts";
import { FaultProxy, type Direction } from "../testing/fault-proxy.ts";

type Site = { readonly endpoints: readonly string[]; readonly prefix: string; readonly seed: number };

/** A process that contends: a client with a way of its own to every member, so that one may be cut off and the others not. */
export class Candidate implements AsyncDisposable {
  readonly client: EtcdClient;
  readonly #ways: readonly FaultProxy[];
  #lease: Lease | null = null;

  private constructor(client: EtcdClient, ways: readonly FaultProxy[]) {
    this.client = client;
    this.#ways = ways;
  }

  static async connect({ endpoints, prefix, seed }: Site, signal: AbortSignal): Promise<Candidate> {
    const ways = await Promise.all(endpoints.map((url, place) => FaultProxy.start(url, { seed: seed + place })));
    const options = { endpoints: ways.map(({ url }) => url), tls: null, prefix, callTimeoutMs: 1_000 };
    return new Candidate(await connectEtcd(options, signal), ways);
  }

  /** One that all its locks may share. */
  async sharedLease(ttlSeconds: number, signal: AbortSignal): Promise<Lease> {
    if (this.#lease === null || this.#lease.lost.aborted)
      this.#lease = await this.client.grantLease({ ttlSeconds }, signal);
    return this.#lease;
  }

  impair(faults: LinkFaults, directions: readonly Direction[]): void {
    for (const way of this.#ways) way.impair(faults, directions);
  }

  cut(): void {
    for (const way of this.#ways) way.cut();
  }

  heal(): void {
    for (const way of this.#ways) way.heal();
  }

  async endLease(): Promise<void> {
    await this.#lease?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    for (const way of this.#ways) await way[Symbol.asyncDispose]();
  }
}
