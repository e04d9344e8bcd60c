import { once } from "node:events";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { telemetry } from "../telemetry.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { put } from "../transaction/operation.ts";
import { etcdMetrics } from "./etcd-metrics.ts";

const signal = AbortSignal.timeout(60_000);

test("whatever texts come, they make no series of their own", async () => {
  const registry = new Registry();
  using _metrics = etcdMetrics(registry);
  for (let turn = 0; turn < 100; turn += 1) {
    const text = `text ${turn}`;
    telemetry.call.publish({ name: text, endpoint: text, ms: 1, outcome: text as "ok" });
    telemetry.retry.publish({ name: text, endpoint: text, why: text });
    telemetry.reset.publish({ paths: [text], why: text });
    telemetry.reset.publish({ paths: [text], why: `history before revision ${turn} was compacted` });
    telemetry.reset.publish({ paths: [text], why: `etcd cancelled the watch: ${text}` });
    telemetry.lease.publish({ id: text, ttlMs: 10_000, leftMs: turn });
    telemetry.lag.publish({ paths: [text], ageMs: turn });
  }
  const text = await registry.metrics();
  expect(text).not.toContain("text ");
  const counters = text.split("\n").filter((line) => /^quarterdeck_etcd_(calls|retries|resets)_total\{/.test(line));
  expect(counters).toEqual([
    'quarterdeck_etcd_calls_total{call="other",outcome="other"} 100',
    'quarterdeck_etcd_retries_total{call="other"} 100',
    'quarterdeck_etcd_resets_total{cause="other"} 100',
    'quarterdeck_etcd_resets_total{cause="compacted"} 100',
    'quarterdeck_etcd_resets_total{cause="cancelled"} 100',
  ]);
  expect(text).toContain("quarterdeck_etcd_follower_lag_seconds_count 100");
});

test("disposed of, they listen no more and leave the registry to others", async () => {
  const registry = new Registry();
  for (let turn = 0; turn < 2; turn += 1) {
    using _metrics = etcdMetrics(registry);
    expect(Object.values(telemetry).every((channel) => channel.hasSubscribers)).toBe(true);
  }
  expect(Object.values(telemetry).some((channel) => channel.hasSubscribers)).toBe(false);
  expect((await registry.metrics()).trim()).toBe("");
});

describe.skipIf(findEtcd() === null)(`with etcd (${HOW_TO_GET_ETCD})`, { timeout: 40_000 }, () => {
  test("calls, failures, retries, a compaction, a lost lease and a mirror are counted under their names", async () => {
    const registry = new Registry();
    using _metrics = etcdMetrics(registry);
    const read = async (line: string): Promise<number> => {
      const text = await registry.metrics();
      return Number(
        text
          .split("\n")
          .find((each) => each.startsWith(`quarterdeck_etcd_${line} `))
          ?.split(" ")[1],
      );
    };
    await using server = await startEtcd();
    await using proxy = await FaultProxy.start(server.url);
    const options = { endpoints: [proxy.url], tls: null, prefix: "/quarterdeck/", callTimeoutMs: 1_000 };
    await using client = await connectEtcd(options, signal);
    const write = (epoch: number) =>
      client.transact({ when: [], then: [put(keys.epoch(), { v: 1, epoch, released: true })] }, signal);
    const { revision } = await write(1);
    await etcdctl(server, "compact", String((await write(2)).revision));
    for await (const event of client.follow(["epoch"], { from: revision }, signal)) if (event.kind === "reset") break;
    await using mirror = await client.mirror(["epoch"], signal);
    const ours = await client.grantLease({ ttlSeconds: 3 }, signal);

    expect(await read('calls_total{call="put",outcome="ok"}')).toBe(2);
    expect(await read('call_duration_seconds_count{call="put"}')).toBe(2);
    expect(await read('resets_total{cause="compacted"}')).toBe(1);
    await expect.poll(() => read("lease_margin_seconds_count"), { timeout: 10_000 }).toBe(1);
    expect(await read('lease_margin_seconds_bucket{le="0"}')).toBe(0);
    await expect.poll(() => read("follower_lag_seconds_count"), { timeout: 10_000 }).toBeGreaterThan(1);
    const ageSeconds = Date.now() / 1_000 - (await read("follower_confirmed_timestamp_seconds"));
    expect(Math.abs(ageSeconds * 1_000 - mirror.ageMs())).toBeLessThan(1_000);

    proxy.goDark();
    await expect(client.get(keys.epoch(), signal)).rejects.toMatchObject({ code: "ETCD_TIMEOUT" });
    if (!ours.lost.aborted) await once(ours.lost, "abort");
    expect(await read('calls_total{call="range",outcome="ETCD_TIMEOUT"}')).toBe(1);
    expect(await read('retries_total{call="leaseKeepAlive"}')).toBeGreaterThan(0);
    expect(await read('lease_margin_seconds_bucket{le="0"}')).toBe(1);
    proxy.heal();
  });

  test("a lease that somebody revoked has no margin either", async () => {
    const registry = new Registry();
    using _metrics = etcdMetrics(registry);
    await using server = await startEtcd();
    await using client = await connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
    const lease = await client.grantLease({ ttlSeconds: 3 }, signal);
    await etcdctl(server, "lease", "revoke", lease.id);
    await once(lease.lost, "abort");
    expect(await registry.metrics()).toContain('quarterdeck_etcd_lease_margin_seconds_bucket{le="0"} 1\n');
  });
});
