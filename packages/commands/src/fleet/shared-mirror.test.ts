import { setImmediate as turn } from "node:timers/promises";
import { keys, put, type EtcdClient } from "@quarterdeck/etcd";
import { fakeEtcd, type FakeEtcd } from "@quarterdeck/etcd/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "../clock.ts";
import { SharedMirror } from "./shared-mirror.ts";

const signal = AbortSignal.timeout(10_000);
let etcd: FakeEtcd;
let sleeping: { readonly ms: number; readonly wake: () => void }[];
let shared: SharedMirror;

/** Time passes when the test wakes who sleeps. */
const clock: Clock = {
  now: () => 0,
  sleep: (ms, until) =>
    new Promise((resolve, reject) => {
      const entry = { ms, wake: resolve };
      sleeping.push(entry);
      until.addEventListener("abort", () => {
        sleeping = sleeping.filter((other) => other !== entry);
        reject(new DOMException("aborted", "AbortError"));
      });
    }),
};

beforeEach(() => {
  sleeping = [];
  etcd = fakeEtcd();
  shared = new SharedMirror({ etcd: etcd.connect(), prefixes: ["policy"], clock, idleMs: 60_000 });
});
afterEach(() => shared[Symbol.asyncDispose]());

async function idle(): Promise<void> {
  for (const { ms, wake } of sleeping) if (ms === 60_000) wake();
  for (let turns = 0; turns < 20; turns += 1) await turn();
}

test("readers share one mirror, which is current", async () => {
  const [first, second] = await Promise.all([shared.get(signal), shared.get(signal)]);
  expect(second).toBe(first);
  await etcd.transact({ when: [], then: [put(keys.policy(), { v: 1, rules: [] })] }, signal);
  for (let turns = 0; turns < 50 && first.get(keys.policy()) === null; turns += 1) await turn();
  expect((await shared.get(signal)).get(keys.policy())?.value).toEqual({ v: 1, rules: [] });
});

test("it is let go when nobody has asked for a minute, and opened again for who comes then", async () => {
  const first = await shared.get(signal);
  await idle();
  expect(await shared.get(signal)).not.toBe(first);
});

test("whoever asks meanwhile keeps it", async () => {
  const first = await shared.get(signal);
  const minute = sleeping.filter(({ ms }) => ms === 60_000);
  const asked = shared.get(signal);
  // The minute is over just now: it no longer counts.
  for (const { wake } of minute) wake();
  expect(await asked).toBe(first);
  for (let turns = 0; turns < 20; turns += 1) await turn();
  expect(await shared.get(signal)).toBe(first);
  expect(sleeping.filter(({ ms }) => ms === 60_000).length).toBe(1);
});

test("while etcd gives none it is said that etcd does not answer", async () => {
  const mirror: EtcdClient["mirror"] = (_, until) =>
    new Promise((_resolve, reject) => until.addEventListener("abort", () => reject(until.reason)));
  const never = { ...etcd.connect(), mirror };
  await using silent = new SharedMirror({ etcd: never, prefixes: [], clock, idleMs: 60_000 });
  const asked = silent.get(signal);
  for (const { wake } of sleeping) wake();
  await expect(asked).rejects.toMatchObject({ code: "ETCD_UNREACHABLE" });
});
