import { setTimeout as wait } from "node:timers/promises";
import type { EtcdClient } from "../client.ts";
import type { Lock, LockOptions } from "../lock/lock.ts";
import type { EtcdCluster } from "../testing/etcd-cluster.ts";
import { Candidate } from "./candidate.ts";
import { checkHolders } from "./check-holders.ts";
import { contests, type ContestName, type Holding } from "./contest.ts";
import { EtcdHistory } from "./etcd-history.ts";
import { HolderWitness } from "./holder-witness.ts";
import { RawEtcd } from "./raw-etcd.ts";

const CANDIDATES = 3;
const LATE_MS = 20_000;

/** How a candidate goes for it; a lock may also be tried for, stolen, or hung on a lease that its holder uses for more. */
export type Manner = {
  readonly contest: ContestName;
  readonly how: "wait" | "attempt" | "steal" | "shared";
  readonly ttlSeconds: number;
};

type Site = { readonly prefix: string; readonly seed: number };
type Parts = { readonly etcd: RawEtcd; readonly history: EtcdHistory; readonly candidates: readonly Candidate[] };

/** One run: a fresh prefix, candidates behind faulty ways of their own, and what is known of it past all faults. */
export class HolderWorld implements AsyncDisposable {
  readonly cluster: EtcdCluster;
  readonly candidates: readonly Candidate[];
  readonly witness = new HolderWitness();
  /** The member that is down or frozen; one at a time, so that three keep their quorum. */
  impaired: { readonly place: number; readonly how: "killed" | "frozen" } | null = null;
  readonly #etcd: RawEtcd;
  readonly #history: EtcdHistory;
  readonly #standing = new AbortController();
  readonly #observing = new AbortController();

  private constructor(cluster: EtcdCluster, { etcd, history, candidates }: Parts) {
    this.cluster = cluster;
    this.candidates = candidates;
    this.#etcd = etcd;
    this.#history = history;
    const [first] = candidates;
    if (first !== undefined) this.witness.observe(first.client, this.#observing.signal);
  }

  static async open(cluster: EtcdCluster, { prefix, seed }: Site, signal: AbortSignal): Promise<HolderWorld> {
    const { endpoints } = cluster;
    const etcd = new RawEtcd(endpoints, prefix);
    const history = await EtcdHistory.begin(etcd);
    const candidates = await Promise.all(
      Array.from({ length: CANDIDATES }, (_, n) => Candidate.connect({ endpoints, prefix, seed: seed + n }, signal)),
    );
    return new HolderWorld(cluster, { etcd, history, candidates });
  }

  /** Everybody stands for everything, and goes on to; resolves when each contest has had a holder. @throws when nobody got anything */
  async contend(): Promise<void> {
    const names = Object.keys(contests) as readonly ContestName[];
    const giveUpAt = performance.now() + LATE_MS;
    for (;;) {
      const open = names.filter((contest) => this.witness.holdings.every((holding) => holding.contest !== contest));
      if (open.length === 0) return;
      if (performance.now() > giveUpAt) throw new Error(`nobody got ${open.join(", ")} in ${LATE_MS} ms`);
      for (const contest of open)
        for (const candidate of this.candidates) this.stand(candidate, { contest, how: "wait", ttlSeconds: 1 });
      await this.witness.turn(2_000);
    }
  }

  /** Goes on in the background: whoever waits may wait to the end. */
  stand(candidate: Candidate, manner: Manner): void {
    const { signal } = this.#standing;
    this.witness.run(async () => {
      const acquired = await acquire(candidate, manner, signal);
      if (acquired === null) return;
      const { contest, ttlSeconds, how } = manner;
      this.witness.acquired({ ...acquired, contest, ttlSeconds, ownLease: how !== "shared" });
    }, signal);
  }

  /** Takes the key away behind its holder's back. */
  async evict(holding: Holding, how: "delete" | "revoke"): Promise<void> {
    // Of a key whose lease is shared another holding may have come to stand there.
    if (!holding.ownLease || holding.given || holding.handle.lost.aborted) return;
    holding.evicted = true;
    if (how === "delete") await this.#etcd.write([{ path: holding.key, value: null }]);
    else await this.#etcd.revokeLease(holding.key.slice(holding.key.lastIndexOf("/") + 1));
  }

  /** Back to a sound cluster and sound ways to it. */
  async repair(): Promise<void> {
    for (const candidate of this.candidates) candidate.heal();
    const member = this.impaired === null ? undefined : this.cluster.members[this.impaired.place];
    if (this.impaired?.how === "killed") await member?.restart();
    if (this.impaired?.how === "frozen") member?.thaw();
    this.impaired = null;
  }

  /**
   * Everybody leaves; then nobody's key may stand, and all that they were told is held against what happened. Tells how many writes were acknowledged
   * and refused.
   * @throws with each difference
   */
  async settle(): Promise<{ readonly acknowledged: number; readonly refused: number }> {
    const { witness } = this;
    await this.repair();
    this.#standing.abort();
    for (const holding of witness.holdings) witness.write(holding);
    for (const holding of witness.holdings) witness.giveUp(holding);
    for (const candidate of this.candidates) await candidate.endLease();
    await passing(async () => (await this.#standingKeys()).join(", "), "still stands though everybody left");
    await passing(() => witness.observed.at(-1)?.toString() ?? "", "is still observed to lead though nobody does");
    this.#observing.abort();
    await witness.rest();
    await this.#history.gather();
    const wrong = [...witness.wrong, ...checkHolders(this.#history, witness)];
    if (wrong.length > 0) throw new Error(`${wrong.length} broken promises:\n${wrong.slice(0, 12).join("\n")}`);
    return {
      acknowledged: witness.writes.filter(({ outcome }) => typeof outcome === "bigint").length,
      refused: witness.writes.filter(({ outcome }) => outcome === "refused").length,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#standing.abort();
    this.#observing.abort();
    await this.repair();
    await this.witness.rest();
    for (const candidate of this.candidates) await candidate[Symbol.asyncDispose]();
  }

  async #standingKeys(): Promise<readonly string[]> {
    const queues = Object.values(contests).map(({ queue }) => `${queue}/`);
    const head = await this.#history.gather();
    return [...this.#history.stateAt(head, (path) => queues.some((queue) => path.startsWith(queue))).keys()];
  }
}

/** Waits until there is no `subject` any more. @throws when it stays */
async function passing(look: () => string | Promise<string>, what: string): Promise<void> {
  const giveUpAt = performance.now() + LATE_MS;
  for (let subject = await look(); subject !== ""; subject = await look()) {
    if (performance.now() > giveUpAt) throw new Error(`${subject} ${what}, after ${LATE_MS} ms`);
    await wait(10);
  }
}

/** Null for whoever only tried. */
async function acquire(
  candidate: Candidate,
  { contest, how, ttlSeconds }: Manner,
  signal: AbortSignal,
): Promise<Pick<Holding, "key" | "fence" | "handle"> | null> {
  const { client } = candidate;
  if (contest === "election") {
    const handle = await client.campaign({ election: contests.election.queue, value: {}, ttlSeconds }, signal);
    return { key: handle.leaderKey, fence: handle.fence, handle };
  }
  const lease = how === "shared" ? { lease: await candidate.sharedLease(ttlSeconds, signal) } : { ttlSeconds };
  const handle = await takeLock(client, { scope: "deploy", holder: how, reason: "a proof", ...lease }, { how, signal });
  return handle === null ? null : { key: handle.key, fence: handle.fence, handle };
}

function takeLock(
  { locks }: EtcdClient,
  options: LockOptions,
  { how, signal }: Pick<Manner, "how"> & { readonly signal: AbortSignal },
): Promise<Lock | null> {
  if (how === "attempt") return locks.attempt(options, signal);
  return how === "steal" ? locks.steal(options, signal) : locks.acquire(options, signal);
}
