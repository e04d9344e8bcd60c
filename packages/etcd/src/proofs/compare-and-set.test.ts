import { setTimeout as wait } from "node:timers/promises";
import { CodedError } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import type { EtcdClient, Operation } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import type { Entry, Key } from "../keyspace/key.ts";
import { startEtcdCluster, type EtcdCluster } from "../testing/etcd-cluster.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { absent, modRevisionIs } from "../transaction/condition.ts";
import { checkLinearizable, type RegisterCall } from "./check-linearizable.ts";
import { proofValue } from "./follower-witness.ts";
import { proofSettings } from "./proof-settings.ts";

type Value = { readonly v: 1; readonly n: number };

const { seed, runs } = proofSettings;
const ROUNDS = Math.ceil(runs / 40);
const CLIENTS = 4;
const CALLS = 12;

const registerAt = (path: string): Key<Value> => ({ path, schema: proofValue });
const put = (key: Key<Value>, n: number): Operation => ({
  kind: "put",
  path: key.path,
  json: JSON.stringify({ v: 1, n }),
  lease: null,
});
const unless = (key: Key<Value>, entry: Entry<Value> | null) =>
  entry === null ? absent(key) : modRevisionIs(key, entry.modRevision);

describe
  .skipIf(findEtcd() === null)
  .concurrent(
    `compare-and-set over bad ways to etcd (QUARTERDECK_SEED=${seed}; ${HOW_TO_GET_ETCD})`,
    { timeout: 60_000 + ROUNDS * 10_000 },
    () => {
      test.each([1, 3])("is linearizable on %d member(s), and what was refused did nothing", async (size) => {
        await using cluster = await startEtcdCluster({ size, seed });
        const tally = { done: 0, refused: 0, unknown: 0 };
        for (let round = 0; round < ROUNDS; round += 1) {
          const calls: RegisterCall[] = [];
          await underFaults(cluster, seed + round, async (client, number) => {
            const random = seededRandom(seed + round * CLIENTS + number);
            await useRegister(client, { key: registerAt(`registers/${round}`), number, random }, calls);
          });
          for (const { outcome } of calls) tally[outcome] += 1;
          expect(checkLinearizable(calls), `round ${round}: ${JSON.stringify(calls)}`).toBe(true);
        }
        // A proof without doubts and refusals would prove nothing.
        expect(tally.done).toBeGreaterThan(ROUNDS * CLIENTS);
        expect(tally.refused).toBeGreaterThan(0);
      });

      test("makes counters that add up", async () => {
        await using cluster = await startEtcdCluster({ size: 3, seed });
        for (let round = 0; round < ROUNDS; round += 1) {
          const key = registerAt(`counters/${round}`);
          let [acknowledged, unknown] = [0, 0];
          await underFaults(cluster, seed + round, async (client) => {
            for (let call = 0; call < CALLS; call += 1) {
              const outcome = await increment(client, key);
              if (outcome === "done") acknowledged += 1;
              if (outcome === "unknown") unknown += 1;
            }
          });
          await using reader = await connect(cluster.endpoints);
          const count = (await reader.get(key, AbortSignal.timeout(10_000)))?.value.n ?? 0;
          expect(count, `seed ${seed}, round ${round}`).toBeGreaterThanOrEqual(acknowledged);
          expect(count, `seed ${seed}, round ${round}`).toBeLessThanOrEqual(acknowledged + unknown);
        }
      });
    },
  );

const connect = (endpoints: readonly string[]): Promise<EtcdClient> =>
  connectEtcd({ endpoints, tls: null, prefix: "/cas/", callTimeoutMs: 2_000 }, AbortSignal.timeout(60_000));

let clock = 0;
const tick = (): number => (clock += 1);

type Register = { readonly key: Key<Value>; readonly number: number; readonly random: () => number };

/** Reads, writes and compares at random, and writes down what it was told. */
async function useRegister(
  client: EtcdClient,
  { key, number, random }: Register,
  calls: RegisterCall[],
): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  let known: Entry<Value> | null = null;
  for (let call = 0; call < CALLS; call += 1) {
    const began = tick();
    const n = number * 1_000 + call;
    const draw = random();
    if (draw < 0.3 || call === 0) {
      const entry = await told(() => client.get(key, signal));
      if (entry === "unknown") continue;
      known = entry;
      calls.push({ action: { kind: "read", saw: nameOf(entry) }, outcome: "done", began, ended: tick() });
    } else if (draw < 0.4) {
      const result = await told(() => client.transact({ when: [], then: [put(key, n)] }, signal));
      const outcome = result === "unknown" ? "unknown" : "done";
      calls.push({ action: { kind: "write", value: String(n) }, outcome, began, ended: tick() });
    } else {
      const action = { kind: "compareAndSet", from: nameOf(known), to: String(n) } as const;
      const entry = known;
      const result = await told(() => client.transact({ when: [unless(key, entry)], then: [put(key, n)] }, signal));
      const outcome = result === "unknown" ? "unknown" : result.committed ? "done" : "refused";
      calls.push({ action, outcome, began, ended: tick() });
      if (outcome === "refused") known = (await told(() => client.get(key, signal)).then(orNull)) ?? known;
    }
  }
}

const nameOf = (entry: Entry<Value> | null): string | null => (entry === null ? null : String(entry.value.n));
const orNull = <Result>(result: Result | "unknown"): Result | null => (result === "unknown" ? null : result);

async function increment(client: EtcdClient, key: Key<Value>): Promise<"done" | "unknown" | "not tried"> {
  const signal = AbortSignal.timeout(60_000);
  for (;;) {
    const entry = await told(() => client.get(key, signal));
    if (entry === "unknown") return "not tried";
    const then = [put(key, (entry?.value.n ?? 0) + 1)];
    const result = await told(() => client.transact({ when: [unless(key, entry)], then }, signal));
    if (result === "unknown") return "unknown";
    if (result.committed) return "done";
  }
}

/** What a call answered, or that it failed in a way that may pass; anything else is the test's failure. */
async function told<Result>(work: () => Promise<Result>): Promise<Result | "unknown"> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CodedError && error.retryable) return "unknown";
    throw error;
  }
}

/** Lets all clients work while replies are lost, connections cut and members slow, one way after the other. */
async function underFaults(
  cluster: EtcdCluster,
  faultSeed: number,
  work: (client: EtcdClient, number: number) => Promise<void>,
): Promise<void> {
  const random = seededRandom(faultSeed);
  let over = false;
  const disturb = async (): Promise<void> => {
    while (!over) {
      const proxy = cluster.proxies[Math.floor(random() * cluster.proxies.length)];
      const draw = random();
      if (draw < 0.35) proxy?.loseReplies();
      else if (draw < 0.6) proxy?.cut();
      else if (draw < 0.7) proxy?.halfClose("toClient");
      else if (draw < 0.8) proxy?.impair({ blackhole: "hold" }, ["toServer"]);
      else proxy?.impair({ delayMs: 5, jitterMs: 30 });
      await wait(10 + random() * 60);
      proxy?.heal();
      await wait(random() * 30);
    }
  };
  const disturbing = disturb();
  try {
    const numbers = Array.from({ length: CLIENTS }, (_, number) => number);
    await Promise.all(
      numbers.map(async (number) => {
        // Some know every member, some only one.
        const place = number % cluster.proxied.length;
        await using client = await connect(
          number % 2 === 0 ? cluster.proxied : cluster.proxied.slice(place, place + 1),
        );
        await work(client, number);
      }),
    );
  } finally {
    over = true;
    await disturbing;
    for (const proxy of cluster.proxies) proxy.heal();
  }
}
