import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { telemetry, type LeaseMessage } from "../telemetry.ts";
import { startEtcdCluster } from "../testing/etcd-cluster.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { GrpcRelay } from "../testing/grpc-relay.ts";
import { put } from "../transaction/operation.ts";

const signal = AbortSignal.timeout(120_000);
const connect = (...endpoints: readonly string[]) =>
  connectEtcd({ endpoints, tls: null, prefix: "/quarterdeck/" }, signal);

describe.skipIf(findEtcd() === null)(`a keep-alive in trouble (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  let heard: LeaseMessage[] = [];
  const listen = (message: unknown): void => void heard.push(message as LeaseMessage);
  beforeEach(() => {
    heard = [];
    telemetry.lease.subscribe(listen);
  });
  afterEach(() => {
    telemetry.lease.unsubscribe(listen);
  });

  test("goes on when etcd's leader hands over, and when it is killed", async () => {
    await using cluster = await startEtcdCluster();
    await using client = await connect(...cluster.endpoints);
    await using lease = await client.grantLease({ ttlSeconds: 4 }, signal);
    const epoch = put(keys.epoch(), { v: 1, epoch: 1, released: true }, { lease: lease.id });
    const { revision } = await client.transact({ when: [], then: [epoch] }, signal);
    const leader = async () => {
      const members = await client.raw.members(signal);
      return cluster.members.find(({ url }) =>
        members.some((member) => member.leader === true && member.endpoint === url),
      );
    };
    /** Of questions that were sent after this was called: the one that is under way now may be answered still by whoever led before. */
    const twoAnswers = async () => {
      const before = heard.length;
      await expect.poll(() => heard.length - before, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    };

    const first = await leader();
    if (first === undefined) throw new Error("the cluster has no leader");
    const heir = (await client.raw.members(signal)).find((member) => member.leader === false);
    await etcdctl(first, "move-leader", heir?.id ?? "");
    await twoAnswers();
    const second = await leader();
    expect(second).not.toBe(first);
    await second?.kill();
    await twoAnswers();
    expect(heard.every(({ leftMs }) => leftMs > 0)).toBe(true);
    lease.check();
    expect((await client.get(keys.epoch(), signal))?.createRevision).toBe(revision);
  });

  test("asks again at once when etcd refuses it because a user has just been made", async () => {
    await using server = await startEtcd();
    using relay = await GrpcRelay.start(server.url, { keepAliveRefusals: 3 });
    await using client = await connect(relay.url);
    const ttlSeconds = 6;
    await using lease = await client.grantLease({ ttlSeconds }, signal);
    await expect.poll(() => heard.length, { timeout: 20_000, interval: 10 }).toBe(1);
    expect(relay.count("leaseKeepAlive")).toBe(4);
    // It is asked after a third of the TTL; three pauses would have taken 600 ms and more.
    expect(heard[0]?.leftMs).toBeGreaterThan(lease.leftMs() - (ttlSeconds * 1_000) / 3 - 500);
    lease.check();
  });
});
