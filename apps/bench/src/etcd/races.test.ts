import { etcdctl, findEtcd, HOW_TO_GET_ETCD, startEtcd, type EtcdServer } from "@quarterdeck/etcd/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { batchedPut, singlePuts } from "./batched-put.ts";
import type { BenchClient } from "./bench-client.ts";
import { benchValue } from "./bench-value.ts";
import { concurrentPuts } from "./concurrent-puts.ts";
import { etcd3Client } from "./etcd3-client.ts";
import { eventLatency } from "./event-latency.ts";
import { fanOut } from "./fan-out.ts";
import { BENCH_PREFIX, ourClient } from "./our-client.ts";
import { probeSizeLimit } from "./probe-size-limit.ts";
import { races, SNAPSHOT_PREFIX } from "./races.ts";
import { readAll } from "./read-all.ts";
import { sequentialPut } from "./sequential-put.ts";

const SIZES = {
  sequentialPuts: 3,
  concurrentPuts: 5,
  bursts: 2,
  batchedKeys: 130,
  singleKeys: 10,
  snapshotKeys: 7,
  followers: 4,
  fanOutEvents: 3,
  latencyEvents: 5,
};

describe.skipIf(findEtcd() === null)(`what is timed is the work that is claimed (${HOW_TO_GET_ETCD})`, () => {
  const signal = AbortSignal.timeout(60_000);
  let server: EtcdServer;
  let clients: { readonly ours: BenchClient; readonly etcd3: BenchClient };
  beforeAll(async () => {
    server = await startEtcd();
    clients = { ours: await ourClient([server.url], signal), etcd3: etcd3Client([server.url]) };
  }, 60_000);
  afterAll(async () => {
    for (const client of Object.values(clients)) await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** How many revisions etcd is further when `work` is done: one a put, one a transaction. */
  const writesOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = await revisionOf(server);
    await work();
    return (await revisionOf(server)) - before;
  };
  const keysBelow = async (prefix: string): Promise<number> =>
    (await etcdctl(server, "get", "--prefix", "--keys-only", BENCH_PREFIX + prefix)).split("\n").filter(Boolean).length;

  describe.each(["ours", "etcd3"] as const)("by %s", (side) => {
    test("a put is written when it is answered", async () => {
      expect(await writesOf(() => sequentialPut(clients[side], 3))).toBe(3);
      expect(await writesOf(() => concurrentPuts(clients[side], { puts: 5, bursts: 2 }))).toBe(10);
    });

    test("a batch is one transaction for 128 keys, single puts are one for each", async () => {
      const prefix = `batch-of-${side}/`;
      expect(await writesOf(() => batchedPut(clients[side], { keys: 130, prefix }))).toBe(2);
      expect(await keysBelow(prefix)).toBe(130);
      expect(await writesOf(() => singlePuts(clients[side], { keys: 10, prefix }))).toBe(10);
    });

    test("a snapshot that lacks a key is no result", async () => {
      const prefix = `all-of-${side}/`;
      await batchedPut(clients[side], { keys: 7, prefix });
      expect(await readAll(clients[side], { prefix, keys: 7 })).toBeGreaterThan(0);
      await expect(readAll(clients[side], { prefix, keys: 8 })).rejects.toThrow("7 of 8 keys were read");
    });

    test("every follower has every event, and none is left behind", async () => {
      const before = await watchersOf(server);
      const crowd = { followers: 4, events: 3, writer: clients.etcd3 };
      expect(await writesOf(() => fanOut(clients[side], crowd))).toBe(3);
      expect(await writesOf(() => eventLatency(clients[side], { events: 5, writer: clients.etcd3 }))).toBe(5);
      await expect.poll(() => watchersOf(server), { timeout: 10_000 }).toBe(before);
    });
  });

  test("a prefix that is larger than etcd3 takes costs it the next call too; ours reads it", async () => {
    expect(await probeSizeLimit([server.url], "large/")).toBe("reads all 0 keys; a put right after that works");
    for (let index = 0; index < 5; index += 1)
      await clients.ours.put({ path: `large/${index}`, value: { ...benchValue(index), unit: "x".repeat(1_000_000) } });
    const said = await probeSizeLimit([server.url], "large/");
    expect(said).toMatch(/^fails: .*larger than max.*; a put right after that fails: .*circuit breaker is open$/);
    expect(await readAll(clients.ours, { prefix: "large/", keys: 5 })).toBeGreaterThan(0);
  });

  test("every race does its work with both clients and gives a figure for each of its metrics", async () => {
    const { ours, etcd3 } = clients;
    await batchedPut(ours, { keys: SIZES.snapshotKeys, prefix: SNAPSHOT_PREFIX });
    for (const race of races({ ours, theirs: etcd3, large: etcd3, writer: etcd3 }, SIZES))
      for (const figures of [await race.ours(), await race.theirs()]) {
        expect(figures.length, race.title).toBe(race.metrics.length);
        expect(Math.min(...figures), race.title).toBeGreaterThan(0);
      }
  });
});

async function revisionOf(server: EtcdServer): Promise<number> {
  const [status] = JSON.parse(await etcdctl(server, "endpoint", "status", "-w", "json")) as [
    { Status: { header: { revision: number } } },
  ];
  return status.Status.header.revision;
}

async function watchersOf({ url }: EtcdServer): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^etcd_debugging_mvcc_watcher_total (\S+)$/m.exec(metrics)?.[1]);
}
