import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EtcdClient, Transaction } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd, type EtcdServer } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { absent, createRevisionIs, modRevisionIs } from "./condition.ts";
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

    /** Lets the write reach etcd and loses the answer; heals the way once the write stands, and what comes `meanwhile` is done. */
    async function losingTheReply<Result>(
      work: () => Promise<Result>,
      meanwhile: () => Promise<unknown> = async () => {},
    ): Promise<Result> {
      const before = await healthy.get(keys.epoch(), signal);
      proxy.loseReplies();
      const working = work();
      working.catch(() => {});
      await expect
        .poll(async () => (await healthy.get(keys.epoch(), signal))?.modRevision, { timeout: 5_000 })
        .not.toBe(before?.modRevision);
      await meanwhile();
      proxy.heal();
      proxy.cut();
      return working;
    }

    /** Nothing of it reaches etcd before `meanwhile` is done. */
    async function beforeItArrives<Result>(
      work: () => Promise<Result>,
      meanwhile: () => Promise<unknown>,
    ): Promise<Result> {
      proxy.goDark();
      const working = work();
      working.catch(() => {});
      await meanwhile();
      proxy.heal();
      proxy.cut();
      return working;
    }

    const write = (...then: Transaction["then"]) => healthy.transact({ when: [], then }, signal);
    const create = (value: number, more: Partial<Transaction> = {}) =>
      faulty.transact({ when: [absent(keys.epoch())], then: [epoch(value)], ...more }, signal);
    const own = { unique: true };

    test("took effect once and says so and when, where nobody else would write the same", async () => {
      const made = await losingTheReply(() => create(1, own));
      const entry = await healthy.get(keys.epoch(), signal);
      expect(made).toEqual({ committed: true, revision: entry?.modRevision });
      const when = [modRevisionIs(keys.epoch(), made.revision)];
      const changed = await losingTheReply(() => faulty.transact({ when, then: [epoch(2)], ...own }, signal));
      expect(changed.committed).toBe(true);
      const second = await healthy.get(keys.epoch(), signal);
      expect(second).toMatchObject({ modRevision: changed.revision, value: { epoch: 2 } });
      const standing = [createRevisionIs(keys.epoch(), made.revision)];
      const removed = await losingTheReply(() =>
        faulty.transact(
          { when: standing, then: [remove(keys.epoch())], thenRead: { was: keys.epoch() }, ...own },
          signal,
        ),
      );
      expect(removed).toEqual({ committed: true, revision: expect.any(BigInt), was: second });
    });

    test("took effect, although others have written over it since", async () => {
      const made = await losingTheReply(
        () => create(1, own),
        () => write(epoch(2)),
      );
      expect(made.committed).toBe(true);
      const { revision } = await write(epoch(3));
      const when = [modRevisionIs(keys.epoch(), revision)];
      const changed = await losingTheReply(
        () => faulty.transact({ when, then: [epoch(4)], ...own }, signal),
        async () => {
          await write(remove(keys.epoch()));
          await write(epoch(5));
        },
      );
      expect(changed).toEqual({ committed: true, revision: revision + 1n });
      expect((await healthy.get(keys.epoch(), signal))?.value.epoch).toBe(5);
    });

    test("took effect, although what it created was deleted and created anew by another", async () => {
      const made = await losingTheReply(
        () => create(1, own),
        async () => {
          await write(remove(keys.epoch()));
          await write(epoch(2));
        },
      );
      expect(made.committed).toBe(true);
      expect((await healthy.get(keys.epoch(), signal))?.modRevision).toBe(made.revision + 2n);
    });

    test("is known by the lease of its keys", async () => {
      await using lease = await healthy.grantLease({ ttlSeconds: 30 }, signal);
      const then = [put(keys.epoch(), { v: 1, epoch: 1, released: true }, { lease: lease.id })];
      expect((await losingTheReply(() => create(1, { then }))).committed).toBe(true);
    });

    test("fails with its outcome unknown where the same may have been written by somebody else, and is guessed neither way", async () => {
      const unknown = { code: "ETCD_TIMEOUT", problem: { why: expect.stringContaining("its reply was lost") } };
      await expect(losingTheReply(() => create(1))).rejects.toMatchObject(unknown);
      await write(remove(keys.epoch()));
      const same = beforeItArrives(
        () => create(1),
        () => write(epoch(1)),
      );
      await expect(same).rejects.toMatchObject(unknown);
      const { revision } = await write(epoch(2));
      const removing = { when: [modRevisionIs(keys.epoch(), revision)], then: [remove(keys.epoch())] };
      await expect(losingTheReply(() => faulty.transact(removing, signal))).rejects.toMatchObject(unknown);
    });

    test("fails with its outcome unknown where the history is compacted away", async () => {
      const working = losingTheReply(
        () => create(1, own),
        async () => {
          await write(remove(keys.epoch()));
          const { revision } = await write(epoch(2));
          await etcdctl(server, "compaction", String(revision));
        },
      );
      await expect(working).rejects.toMatchObject({
        code: "ETCD_TIMEOUT",
        problem: { why: expect.stringContaining("compacted") },
      });
    });

    test("is refused when it was somebody else's write that made its guard fail, and shows that one", async () => {
      const refused = await beforeItArrives(
        () =>
          faulty.transact({ when: [absent(keys.epoch())], then: [epoch(1)], elseRead: { now: keys.epoch() } }, signal),
        () => write(epoch(2)),
      );
      const found = await healthy.get(keys.epoch(), signal);
      expect(refused).toEqual({ committed: false, revision: expect.any(BigInt), now: found });
      const when = [modRevisionIs(keys.epoch(), found?.modRevision ?? 0n)];
      const late = await beforeItArrives(
        () => faulty.transact({ when, then: [epoch(4)] }, signal),
        async () => {
          await write(epoch(3));
          // The same as was to be written, but not what was written first.
          await write(epoch(4));
        },
      );
      expect(late.committed).toBe(false);
    });

    test("is refused when somebody had changed what guards it before it was sent", async () => {
      const { revision } = await write(epoch(1));
      await write(epoch(2));
      await faulty.get(keys.epoch(), signal);
      const when = [modRevisionIs(keys.epoch(), revision)];
      const refused = await beforeItArrives(
        () => faulty.transact({ when, then: [epoch(3)], ...own }, signal),
        () => write(epoch(3)),
      );
      expect(refused.committed).toBe(false);
    });

    test("is refused when part of it stands there and part of it does not", async () => {
      const policy = put(keys.policy(), { v: 1, rules: [] });
      // The same, but not of the same revision.
      await write(policy);
      const refused = await beforeItArrives(
        () => create(1, { then: [epoch(1), policy], ...own }),
        () => write(epoch(1)),
      );
      expect(refused.committed).toBe(false);
    });

    test("is sent again where it never arrived", async () => {
      const made = await beforeItArrives(
        () => create(1),
        () => healthy.get(keys.epoch(), signal),
      );
      expect(made.committed).toBe(true);
      expect(await etcdctl(server, "get", "/quarterdeck/epoch", "-w", "fields")).toContain('"Version" : 1');
    });

    test("fails with its outcome unknown, and is not sent again, when nothing guards it", async () => {
      const working = losingTheReply(() => faulty.transact({ when: [], then: [epoch(1)] }, signal));
      await expect(working).rejects.toMatchObject({ code: "ETCD_UNREACHABLE", retryable: true });
      expect(await etcdctl(server, "get", "/quarterdeck/epoch", "-w", "fields")).toContain('"Version" : 1');
    });
  },
);
