import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EtcdClient } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd, type EtcdServer } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { absent, modRevisionIs } from "./condition.ts";
import { put, remove } from "./operation.ts";

const signal = AbortSignal.timeout(120_000);
const epoch = (value: number) => put(keys.epoch(), { v: 1, epoch: value, released: true });

describe.skipIf(findEtcd() === null)(
  `a transaction whose reply is lost (${HOW_TO_GET_ETCD})`,
  { timeout: 30_000 },
  () => {
    let server: EtcdServer;
    let proxy: FaultProxy;
    let faulty: EtcdClient;
    let healthy: EtcdClient;
    beforeAll(async () => {
      server = await startEtcd();
      proxy = await FaultProxy.start(server.url);
      const connect = (url: string) => connectEtcd({ endpoints: [url], tls: null, prefix: "/quarterdeck/" }, signal);
      [faulty, healthy] = [await connect(proxy.url), await connect(server.url)];
    });
    afterAll(async () => {
      for (const each of [faulty, healthy, proxy, server]) await each?.[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      proxy.heal();
      await etcdctl(server, "del", "", "--prefix");
      await faulty.get(keys.epoch(), signal);
    });

    /** Lets the write reach etcd and loses the answer; the connection heals once the write stands. */
    async function losingTheReply<Result>(work: () => Promise<Result>): Promise<Result> {
      const before = await healthy.get(keys.epoch(), signal);
      proxy.loseReplies();
      const working = work();
      working.catch(() => {});
      await expect
        .poll(async () => (await healthy.get(keys.epoch(), signal))?.modRevision, { timeout: 5_000 })
        .not.toBe(before?.modRevision);
      proxy.heal();
      proxy.cut();
      return working;
    }

    test("took effect once and says so, when it is guarded", async () => {
      const made = await losingTheReply(() =>
        faulty.transact({ when: [absent(keys.epoch())], then: [epoch(1)] }, signal),
      );
      const entry = await healthy.get(keys.epoch(), signal);
      expect(made).toEqual({ committed: true, revision: entry?.modRevision });
      const changed = await losingTheReply(() =>
        faulty.transact({ when: [modRevisionIs(keys.epoch(), made.revision)], then: [epoch(2)] }, signal),
      );
      expect(changed.committed).toBe(true);
      expect((await healthy.get(keys.epoch(), signal))?.modRevision).toBe(changed.revision);
      const removed = await losingTheReply(() =>
        faulty.transact(
          { when: [modRevisionIs(keys.epoch(), changed.revision)], then: [remove(keys.epoch())] },
          signal,
        ),
      );
      expect(removed.committed).toBe(true);
    });

    test("is refused when it was somebody else's write that made its guard fail", async () => {
      proxy.goDark();
      const working = faulty.transact({ when: [absent(keys.epoch())], then: [epoch(1)] }, signal);
      await healthy.transact({ when: [], then: [epoch(2)] }, signal);
      proxy.heal();
      proxy.cut();
      expect((await working).committed).toBe(false);
      expect((await healthy.get(keys.epoch(), signal))?.value.epoch).toBe(2);
    });

    test("fails with its outcome unknown, and is not sent again, when nothing guards it", async () => {
      const working = losingTheReply(() => faulty.transact({ when: [], then: [epoch(1)] }, signal));
      await expect(working).rejects.toMatchObject({ code: "ETCD_UNREACHABLE", retryable: true });
      expect(await etcdctl(server, "get", "/quarterdeck/epoch", "-w", "fields")).toContain('"Version" : 1');
    });
  },
);
