import { CodedError } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import type { EtcdClient } from "../client.ts";
import { keys } from "../keyspace/keys.ts";
import { holdLock } from "../lock/hold-lock.ts";
import { fakeEtcd, type FakeEtcd } from "../testing/fake-etcd.ts";
import { put, remove } from "../transaction/operation.ts";
import { campaign } from "./campaign.ts";

const signal = AbortSignal.timeout(20_000);
const write = { when: [], then: [put(keys.epoch(), { v: 1 as const, epoch: 1, released: true })] };

/** A process whose watches tell nothing, as behind a network that only lets some of it through. */
function blind(etcd: FakeEtcd): EtcdClient {
  return { ...etcd, follow: (_, options, until) => etcd.follow(["nowhere/"], options, until) };
}

describe("a holder that nobody told of its loss", () => {
  test("is refused by its fence, writes nothing, and knows it from then on", async () => {
    const etcd = fakeEtcd();
    const term = await campaign(blind(etcd), { election: "engine/leader", value: {}, ttlSeconds: 10 }, signal);
    const other = etcd.connect();
    await other.transact({ when: [], then: [remove({ path: term.leaderKey })] }, signal);
    const next = await other.campaign({ election: "engine/leader", value: {}, ttlSeconds: 10 }, signal);
    expect(term.lost.aborted).toBe(false);
    await expect(term.transact(write, signal)).rejects.toMatchObject({ code: "ETCD_FENCED" });
    expect(etcd.dump()).not.toHaveProperty("epoch");
    expect(term.lost.aborted).toBe(true);
    expect(() => term.check()).toThrow("its key was deleted");
    await term.resign();
    expect((await next.transact(write, signal)).committed).toBe(true);
  });

  test("learns from the record who robbed it", async () => {
    const etcd = fakeEtcd();
    const options = { scope: "deploy", holder: "ann", reason: "", ttlSeconds: 10 };
    const lock = await holdLock(blind(etcd), { options }, signal);
    await etcd.connect().locks.steal({ ...options, holder: "bob", reason: "urgent" }, signal);
    await expect(lock?.transact(write, signal)).rejects.toThrow(/stolen by bob at .*: urgent/);
    expect(etcd.dump()).not.toHaveProperty("epoch");
  });
});

test("giving up what etcd could not be told of may be tried again", async () => {
  const etcd = fakeEtcd();
  await using lease = await etcd.grantLease({ ttlSeconds: 10 }, signal);
  const lock = await etcd.locks.acquire({ scope: "deploy", holder: "ann", reason: "", lease }, signal);
  etcd.failNext("ETCD_UNREACHABLE");
  await expect(lock.release()).rejects.toMatchObject({ code: "ETCD_UNREACHABLE" });
  expect((await etcd.locks.read("deploy", signal)).claims.length).toBe(1);
  await lock.release();
  await lock[Symbol.asyncDispose]();
  expect((await etcd.locks.read("deploy", signal)).claims).toEqual([]);
});

test("a claim that was made though its answer never came is taken away again", async () => {
  const etcd = fakeEtcd();
  await using lease = await etcd.grantLease({ ttlSeconds: 10 }, signal);
  const forgetful: EtcdClient = {
    ...etcd,
    async transact(transaction, until) {
      const result = await etcd.transact(transaction, until);
      if (transaction.then.every(({ kind }) => kind === "delete")) return result;
      throw new CodedError("ETCD_TIMEOUT", { message: "no answer" });
    },
  };
  const options = { scope: "deploy", holder: "ann", reason: "", lease };
  await expect(holdLock(forgetful, { options }, signal)).rejects.toMatchObject({ code: "ETCD_TIMEOUT" });
  expect((await etcd.locks.read("deploy", signal)).claims).toEqual([]);
  await (await etcd.locks.acquire(options, signal)).release();
});

test("a name that cannot be is refused before etcd is asked for anything", async () => {
  const etcd = fakeEtcd();
  etcd.failNext("ETCD_UNREACHABLE");
  const standing = etcd.campaign({ election: "a//b", value: {}, ttlSeconds: 10 }, signal);
  await expect(standing).rejects.toMatchObject({ code: "ETCD_INVALID_KEY" });
});
