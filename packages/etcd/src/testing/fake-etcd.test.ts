import { expect, test } from "vitest";
import { keys } from "../keyspace/keys.ts";
import { put } from "../transaction/operation.ts";
import { describeEtcdContract } from "./etcd-contract.ts";
import { fakeEtcd } from "./fake-etcd.ts";

const signal = AbortSignal.timeout(10_000);

describeEtcdContract("the fake", async () => {
  const one = fakeEtcd();
  return {
    one,
    two: one.connect(),
    writeText: async (path, text) => one.writeText(path, text),
    [Symbol.asyncDispose]: async () => {},
  };
});

test("an expired lease tells its holder and takes its keys", async () => {
  const etcd = fakeEtcd();
  const lease = await etcd.grantLease({ ttlSeconds: 10 }, signal);
  await etcd.transact(
    { when: [], then: [put(keys.epoch(), { v: 1, epoch: 1, released: true }, { lease: lease.id })] },
    signal,
  );
  etcd.loseLease(lease.id);
  expect(lease.lost.aborted).toBe(true);
  expect(etcd.dump()).toHaveProperty("epoch");
  etcd.expireLease(lease.id);
  expect(etcd.dump()).toEqual({});
});

test("a leader whose lease expired is succeeded and fenced", async () => {
  const etcd = fakeEtcd();
  const stand = () => etcd.campaign({ election: "engine/leader", value: {}, ttlSeconds: 10 }, signal);
  const first = await stand();
  const waiting = stand();
  etcd.expireLease(etcd.leaseIds()[0] ?? "");
  const second = await waiting;
  expect(first.lost.aborted).toBe(true);
  await expect(first.transact({ when: [], then: [] }, signal)).rejects.toMatchObject({ code: "ETCD_FENCED" });
  expect((await second.transact({ when: [], then: [] }, signal)).committed).toBe(true);
});

test("compaction and a broken cluster give a mirror a reset", async () => {
  const etcd = fakeEtcd();
  await using mirror = await etcd.mirror(["epoch"], signal);
  const resets: boolean[] = [];
  for await (const { reset } of mirror.changes(signal)) {
    resets.push(reset);
    if (resets.length === 1) etcd.breakContinuity();
    else break;
  }
  expect(resets).toEqual([false, true]);
});

test("calls fail and keys are refused as a test asks", async () => {
  const etcd = fakeEtcd();
  etcd.failNext("ETCD_TIMEOUT");
  await expect(etcd.get(keys.epoch(), signal)).rejects.toMatchObject({ code: "ETCD_TIMEOUT" });
  expect(await etcd.get(keys.epoch(), signal)).toBeNull();
  etcd.allow({ read: ["epoch"], write: [] });
  await expect(etcd.get(keys.policy(), signal)).rejects.toMatchObject({ code: "ETCD_FORBIDDEN" });
  await expect(etcd.mirror(["policy"], signal)).rejects.toMatchObject({ code: "ETCD_FORBIDDEN" });
});
