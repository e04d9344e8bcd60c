import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { put } from "../transaction/operation.ts";

const signal = AbortSignal.timeout(120_000);
const connect = (...endpoints: readonly string[]) =>
  connectEtcd({ endpoints, tls: null, prefix: "/quarterdeck/" }, signal);

describe.skipIf(findEtcd() === null)(`a lease (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  test("is known to be lost before etcd can have ended it, though etcd only went silent", async () => {
    await using server = await startEtcd();
    await using proxy = await FaultProxy.start(server.url);
    await using client = await connect(proxy.url);
    const lease = await client.grantLease({ ttlSeconds: 3 }, signal);
    const key = keys.epoch();
    await client.transact(
      { when: [], then: [put(key, { v: 1, epoch: 1, released: true }, { lease: lease.id })] },
      signal,
    );
    proxy.goDark();
    await once(lease.lost, "abort");
    expect(lease.lost.reason).toMatchObject({ code: "ETCD_LEASE_LOST" });
    expect(await etcdctl(server, "get", "/quarterdeck/epoch")).toContain("released");
    await lease.detach();
  });

  test("tells when each keep-alive was sent that etcd acknowledged, and ends when it is lost", async () => {
    await using server = await startEtcd();
    await using proxy = await FaultProxy.start(server.url);
    await using client = await connect(proxy.url);
    const before = performance.now();
    const lease = await client.grantLease({ ttlSeconds: 3 }, signal);
    const sent: number[] = [];
    for await (const sentAtMs of lease.renewals(signal)) {
      expect(sentAtMs).toBeLessThanOrEqual(performance.now());
      sent.push(sentAtMs);
      if (sent.length === 3) proxy.goDark();
    }
    expect(lease.lost.aborted).toBe(true);
    expect(sent).toHaveLength(3);
    expect([before, ...sent]).toEqual([before, ...sent].toSorted((left, right) => left - right));
    await lease.detach();
  });

  test("asks as often as it is told to, from then on", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    await using lease = await client.grantLease({ ttlSeconds: 30 }, signal);
    lease.askEvery(60);
    const sent: number[] = [];
    for await (const sentAtMs of lease.renewals(signal)) if (sent.push(sentAtMs) === 3) break;
    const gaps = sent.slice(1).map((sentAtMs, index) => sentAtMs - (sent[index] ?? 0));
    // A third of the TTL is ten seconds.
    for (const gapMs of gaps) expect(gapMs).toBeGreaterThanOrEqual(490);
    for (const gapMs of gaps) expect(gapMs).toBeLessThan(9_000);
  });

  test("that etcd itself stopped answering for is lost within its TTL", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    const lease = await client.grantLease({ ttlSeconds: 5 }, signal);
    const frozenAt = performance.now();
    server.freeze();
    await once(lease.lost, "abort");
    expect(performance.now() - frozenAt).toBeLessThan(5_000);
    server.thaw();
  });

  test("fleet #116: outlives the loss of either of two ways to etcd", async () => {
    await using server = await startEtcd();
    const ways = [await FaultProxy.start(server.url), await FaultProxy.start(server.url)];
    await using client = await connect(...ways.map((way) => way.url));
    const lease = await client.grantLease({ ttlSeconds: 3 }, signal);
    for (const way of ways) {
      way.goDark();
      // Longer than its TTL: what is to be shown is that nothing happens.
      await wait(3_500);
      expect(lease.lost.aborted).toBe(false);
      way.heal();
      way.cut();
    }
    expect(await etcdctl(server, "lease", "list")).toContain(lease.id);
    await lease[Symbol.asyncDispose]();
    expect(await client.resumeLease(lease.id, signal)).toBeNull();
    for (const way of ways) await way[Symbol.asyncDispose]();
  });

  test("that somebody revoked is lost at the next keep-alive", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    const lease = await client.grantLease({ ttlSeconds: 5 }, signal);
    await etcdctl(server, "lease", "revoke", lease.id);
    await once(lease.lost, "abort");
    expect(lease.lost.reason).toMatchObject({ message: expect.stringContaining("is gone") });
  });

  test("is not lost by detaching or disposing it, and ids that are none resume nothing", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    const lease = await client.grantLease({ ttlSeconds: 5 }, signal);
    await lease.detach();
    await lease[Symbol.asyncDispose]();
    expect(lease.lost.aborted).toBe(false);
    expect(await etcdctl(server, "lease", "list")).toContain(lease.id);
    for (const id of ["", "xyz", "0x12", "123456789abcdef01"]) expect(await client.resumeLease(id, signal)).toBeNull();
  });
});
