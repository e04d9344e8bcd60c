import { keys, put, ranges } from "@quarterdeck/etcd";
import { expect, test } from "vitest";
import { createEngineWorld, GRACE_MS, settle, TTL_MS } from "./testing/engine-world.ts";
import { HELLO_TEXT, M1, M2, name, presenceFacts } from "./testing/facts.ts";

const hello = name("hello.service");
const signal = new AbortController().signal;

test("fleet #500: a machine that dies between the writing of its entry and the start is replaced after TTL and grace, in one pass", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  // Present, and nobody there who would ever read a schedule.
  const lease = await world.etcd.grantLease({ ttlSeconds: 10 }, signal);
  await world.etcd.transact(
    { when: [], then: [put(keys.presence(M1), presenceFacts(M1), { lease: lease.id })] },
    signal,
  );
  await world.until((view) => view.list(ranges.machines).length === 1);
  await world.ask({ verb: "start", units: [hello], files: [{ name: hello, text: HELLO_TEXT }], replace: false });
  expect(await world.placeOf(hello)).toBe(M1);
  const other = await world.addMachine({ machine: M2 });
  await world.until((view) => view.list(ranges.machines).length === 2);
  world.clock.advance(TTL_MS);
  await settle();
  world.etcd.expireLease(lease.id);
  await settle();
  expect(other.running()).toEqual([]);
  world.clock.advance(GRACE_MS);
  await world.until(() => other.running().length === 1);
  expect(await world.placeOf(hello)).toBe(M2);
  expect(other.history).toEqual(["start hello.service"]);
});
