import { setImmediate as turn } from "node:timers/promises";
import { createLogger } from "@quarterdeck/daemon";
import { expect, test } from "vitest";
import { beginSchedule, ETCD_PATIENCE_MS } from "./begin-schedule.ts";

const log = createLogger("test");
log.level = "silent";

function stage({ hasRival = false } = {}) {
  const present = Promise.withResolvers<void>();
  const patience = Promise.withResolvers<void>();
  const stop = new AbortController();
  const did: string[] = [];
  const waited: number[] = [];
  const schedule = {
    source: "none" as "none" | "disk" | "etcd",
    useCopy: () => void did.push("copy"),
    follow: (until: AbortSignal) => {
      if (!until.aborted) did.push("follow");
      return Promise.resolve();
    },
  };
  const clock = {
    now: () => new Date(0),
    wait: (milliseconds: number) => {
      waited.push(milliseconds);
      return patience.promise;
    },
  };
  const parts = { present: present.promise, hasRival: () => hasRival, copy: new Map(), schedule, clock, log };
  const over = beginSchedule(parts, stop.signal);
  return { present, patience, schedule, did, waited, over, stop: () => stop.abort() };
}

async function afterAll(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await turn();
}

test("the schedule is followed once the machine is present, and the copy on disk then stays unused", async () => {
  const it = stage();
  await afterAll();
  expect(it.did).toEqual([]);
  it.schedule.source = "etcd";
  it.present.resolve();
  it.patience.resolve();
  await it.over;
  expect(it.did).toEqual(["follow"]);
});

test("where etcd does not answer the copy on disk counts after a while", async () => {
  const it = stage();
  it.patience.resolve();
  await afterAll();
  expect(it.did).toEqual(["copy"]);
  expect(it.waited).toEqual([ETCD_PATIENCE_MS]);
  it.stop();
  await it.over;
});

test("a machine that is refused its presence has read no schedule, also not from its disk", async () => {
  const it = stage({ hasRival: true });
  it.patience.resolve();
  await afterAll();
  it.stop();
  await it.over;
  expect(it.did).toEqual([]);
});
