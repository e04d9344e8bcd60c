import type { EtcdClient } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import type { EtcdCluster } from "../testing/etcd-cluster.ts";
import { checkClaims } from "./check-claims.ts";
import { EtcdHistory } from "./etcd-history.ts";
import { FollowerWitness } from "./follower-witness.ts";
import { RawEtcd } from "./raw-etcd.ts";

const LATE_MS = 30_000;

/** Written at the end of a run into every prefix that may be followed, so that each follower has something to arrive at. */
const LAST = ["a/last", "b/last", "c"].map((path) => ({ path, value: '{"v":1,"n":0}' }));

/** One run: a fresh prefix of a cluster that outlives it, a client behind the proxies, its followers, and the witness past the proxies. */
export class FollowerWorld implements AsyncDisposable {
  readonly cluster: EtcdCluster;
  readonly etcd: RawEtcd;
  readonly history: EtcdHistory;
  readonly followers: FollowerWitness[] = [];
  /** The member that is down or frozen; one at a time, so that three keep their quorum. */
  impaired: { readonly place: number; readonly how: "killed" | "frozen" } | null = null;
  compactions = 0;
  readonly #client: EtcdClient;

  private constructor(cluster: EtcdCluster, parts: { etcd: RawEtcd; history: EtcdHistory; client: EtcdClient }) {
    this.cluster = cluster;
    this.etcd = parts.etcd;
    this.history = parts.history;
    this.#client = parts.client;
  }

  static async open(cluster: EtcdCluster, prefix: string, signal: AbortSignal): Promise<FollowerWorld> {
    const etcd = new RawEtcd(cluster.endpoints, prefix);
    const history = await EtcdHistory.begin(etcd);
    const client = await connectEtcd({ endpoints: cluster.proxied, tls: null, prefix }, signal);
    return new FollowerWorld(cluster, { etcd, history, client });
  }

  follow(prefixes: readonly string[], from: bigint | null): void {
    this.followers.push(new FollowerWitness(this.#client, { prefixes, from }));
  }

  /** Forgets all before the revision `behind` the last one, but nothing that was before this run. */
  async compact(behind: number): Promise<void> {
    const head = await this.history.gather();
    this.compactions += 1;
    const before = head - BigInt(behind);
    await this.etcd.compact(before > this.history.start ? before : this.history.start);
  }

  /** Back to a sound cluster. */
  async repair(): Promise<void> {
    for (const proxy of this.cluster.proxies) proxy.heal();
    const member = this.impaired === null ? undefined : this.cluster.members[this.impaired.place];
    if (this.impaired?.how === "killed") await member?.restart();
    if (this.impaired?.how === "frozen") member?.thaw();
    this.impaired = null;
  }

  /** Lets every follower arrive at the present, and holds all it was told against what happened. @throws with each difference */
  async settle(): Promise<void> {
    await this.repair();
    for (const follower of this.followers) follower.resume();
    const last = await this.etcd.write(LAST);
    const wrong: string[] = [];
    await Promise.all(
      this.followers.map((follower, index) =>
        follower.reaches(last, LATE_MS).catch((error: unknown) => wrong.push(`follower ${index}: ${String(error)}`)),
      ),
    );
    await this.history.gather();
    for (const [index, { plan, claims }] of this.followers.entries()) {
      const differences = checkClaims(this.history, { plan, claims }, this.compactions);
      wrong.push(...differences.map((text) => `follower ${index} of ${plan.prefixes.join(" ")}: ${text}`));
    }
    if (wrong.length > 0) throw new Error(`${wrong.length} broken promises:\n${wrong.slice(0, 12).join("\n")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.repair();
    for (const follower of this.followers) await follower[Symbol.asyncDispose]();
    await this.#client[Symbol.asyncDispose]();
  }
}
