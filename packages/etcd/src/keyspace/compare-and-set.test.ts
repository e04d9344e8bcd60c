import { expect, test } from "vitest";
import { fakeEtcd } from "../testing/fake-etcd.ts";
import { changeValue, compareAndSet, deleteValue, putValue } from "./compare-and-set.ts";
import { keys } from "./keys.ts";

const signal = AbortSignal.timeout(30_000);
const key = keys.epoch();
const epoch = (number: number) => ({ v: 1 as const, epoch: number, released: true });

test("a value is set only where still stands what was read, and who lost sees what is there", async () => {
  const etcd = fakeEtcd();
  expect(await compareAndSet(etcd, key, { expected: null, value: epoch(1) }, signal)).toMatchObject({ set: true });
  const read = await etcd.get(key, signal);
  expect(await compareAndSet(etcd, key, { expected: null, value: epoch(2) }, signal)).toMatchObject({
    set: false,
    found: { value: epoch(1) },
  });
  await compareAndSet(etcd, key, { expected: read, value: epoch(3) }, signal);
  expect(await compareAndSet(etcd, key, { expected: read, value: epoch(4) }, signal)).toMatchObject({
    set: false,
    found: { value: epoch(3) },
  });
  expect(await compareAndSet(etcd, key, { expected: await etcd.get(key, signal), value: null }, signal)).toMatchObject({
    set: true,
  });
  expect(await etcd.get(key, signal)).toBeNull();
});

test("counters that many count up add up", async () => {
  const etcd = fakeEtcd();
  const clients = [etcd, etcd.connect(), etcd.connect(), etcd.connect()];
  await Promise.all(
    clients.map(async (client) => {
      for (let turn = 0; turn < 10; turn += 1)
        await changeValue(client, key, (value) => epoch((value?.epoch ?? 0) + 1), signal);
    }),
  );
  expect((await etcd.get(key, signal))?.value.epoch).toBe(40);
});

test("keeping a value writes nothing, and what was never there is not deleted", async () => {
  const etcd = fakeEtcd();
  expect(await deleteValue(etcd, key, signal)).toBe(false);
  await putValue(etcd, key, epoch(1), signal);
  expect(await changeValue(etcd, key, () => "keep", signal)).toEqual({ value: epoch(1), revision: null });
  expect(await deleteValue(etcd, key, signal)).toBe(true);
});

test.each([
  { what: "a newer version", text: '{"v":2,"epoch":9,"more":1}', code: "ETCD_NEWER_VALUE" },
  { what: "nobody's", text: "{ not json", code: "ETCD_CORRUPT_VALUE" },
])("a value of $what is neither overwritten nor deleted, even where it came after the read", async ({ text, code }) => {
  const etcd = fakeEtcd();
  await putValue(etcd, key, epoch(1), signal);
  const read = await etcd.get(key, signal);
  etcd.writeText("epoch", text);
  const attempts = [
    putValue(etcd, key, epoch(2), signal),
    deleteValue(etcd, key, signal),
    changeValue(etcd, key, () => epoch(2), signal),
    compareAndSet(etcd, key, { expected: null, value: epoch(2) }, signal),
    compareAndSet(etcd, key, { expected: read, value: epoch(2) }, signal),
  ];
  for (const result of await Promise.allSettled(attempts))
    expect(result).toMatchObject({ status: "rejected", reason: { code } });
  const raw = await etcd.raw.get("/quarterdeck/epoch", signal);
  expect(raw?.value).toBe(text);
});
