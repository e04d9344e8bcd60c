import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import type { EtcdClient } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";

const signal = AbortSignal.timeout(120_000);
const COUNT = 1_000;
const ROUNDS = 2;

describe.skipIf(findEtcd() === null)(`many leases and terms (${HOW_TO_GET_ETCD})`, { timeout: 90_000 }, () => {
  test("a thousand leases share one stream, and leave neither that nor a timer, a listener or memory", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    await leaveNothing(server.url, async (count, stop) => {
      const leases = await Promise.all(
        Array.from({ length: count }, () => client.grantLease({ ttlSeconds: 30 }, stop)),
      );
      expect((await measure(server.url)).streams).toBeLessThanOrEqual(1);
      await Promise.all(leases.map((lease) => lease[Symbol.asyncDispose]()));
    });
  });

  test("a thousand terms, ten candidates at a time, leave no stream, watch, listener or memory", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    await leaveNothing(server.url, async (count, stop) => {
      for (let election = 0; election < count / 10; election += 1)
        await Promise.all(Array.from({ length: 10 }, () => reign(client, `elections/${election}`, stop)));
    });
  });
});

async function reign(client: EtcdClient, election: string, stop: AbortSignal): Promise<void> {
  await using term = await client.campaign({ election, value: {}, ttlSeconds: 30 }, stop);
  expect(term.lost.aborted).toBe(false);
}

/** Does it half a thousand times for whatever is made but once, and then a thousand times, twice: what is left behind by each adds up, what the compiler does by itself comes and goes. */
async function leaveNothing(url: string, round: (count: number, stop: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  await round(COUNT / 2, stop.signal);
  await atRest(url);
  const before = heapMiB();
  for (let rounds = 0; rounds < ROUNDS; rounds += 1) {
    await round(COUNT, stop.signal);
    await atRest(url);
  }
  // Had each left a kilobyte behind: one megabyte a round.
  expect(heapMiB() - before).toBeLessThan(ROUNDS);
  expect(getEventListeners(stop.signal, "abort")).toEqual([]);
}

async function atRest(url: string): Promise<void> {
  await expect.poll(() => measure(url), { timeout: 10_000 }).toEqual({ streams: 0, leases: 0, watchers: 0 });
  // A probe of a closed watch or a lease's own would stand for minutes.
  await expect.poll(() => process.getActiveResourcesInfo().filter((each) => each === "Timeout").length).toBeLessThan(5);
}

function heapMiB(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

type Measures = { readonly streams: number; readonly leases: number; readonly watchers: number };

async function measure(url: string): Promise<Measures> {
  const gauge = await gauges(url);
  const streams = (what: string): number => gauge(`grpc_server_${what}_total\\{.*grpc_type="bidi_stream".*\\}`);
  return {
    streams: streams("started") - streams("handled"),
    leases:
      gauge("etcd_debugging_lease_granted_total") -
      gauge("etcd_debugging_lease_revoked_total") -
      gauge("etcd_debugging_server_lease_expired_total"),
    watchers: gauge("etcd_debugging_mvcc_watcher_total"),
  };
}

/** Sums over all series of a name. */
async function gauges(url: string): Promise<(name: string) => number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return (name) =>
    [...text.matchAll(new RegExp(`^${name} (\\S+)$`, "gm"))].reduce((sum, [, value]) => sum + Number(value), 0);
}

const connect = (url: string) => connectEtcd({ endpoints: [url], tls: null, prefix: "/quarterdeck/" }, signal);
