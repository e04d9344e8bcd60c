import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@quarterdeck/daemon";
import { keys, put, remove } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";
import { reason, type Incarnation, type MachineId, type ScheduleEntry, type UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { readScheduleCache, writeScheduleCache } from "./schedule-cache.ts";
import { Schedule } from "./schedule.ts";
import { stillClock } from "./testing-fixture.ts";
import { hashOf } from "./unit-files.ts";

const MACHINE = "a".repeat(32) as MachineId;
const unit = "hello.service" as UnitName;
const signal = AbortSignal.timeout(20_000);
const TEXT = "[Service]\nExecStart=/bin/hello\n";
const log = createLogger("test");
log.level = "silent";

const entry: ScheduleEntry = {
  v: 1,
  incarnation: "7" as Incarnation,
  generation: 1,
  hash: hashOf(TEXT),
  environment: {},
  release: null,
  target: { kind: "launched" },
  reason: reason("REQUESTED", "a person asked"),
};

function stage() {
  const etcd = fakeEtcd();
  const stop = new AbortController();
  let resets = 0;
  const schedule = new Schedule({
    machine: MACHINE,
    clock: stillClock,
    log,
    onChange: () => undefined,
    onReset: () => void (resets += 1),
  });
  const following = () => schedule.follow(etcd, stop.signal);
  const write = (...then: Parameters<typeof etcd.transact>[0]["then"][number][]) =>
    etcd.transact({ when: [], then }, signal);
  return { etcd, schedule, following, write, resets: () => resets, stop: () => stop.abort() };
}

test("entries follow etcd, with their mod revision", async () => {
  const { schedule, following, write, stop } = stage();
  expect(schedule.entries).toBeNull();
  expect(schedule.stale).toBe(true);
  const { revision } = await write(put(keys.schedule(MACHINE, unit), entry));
  const done = following();
  await expect.poll(() => schedule.entries?.get(unit)).toEqual({ entry, revision: String(revision) });
  expect(schedule.source).toBe("etcd");
  expect(schedule.stale).toBe(false);
  await write(remove(keys.schedule(MACHINE, unit)));
  await expect.poll(() => schedule.entries?.size).toBe(0);
  stop();
  await done;
});

test("the copy on disk counts until etcd has answered", async () => {
  const { schedule, following, stop } = stage();
  schedule.useCopy(new Map([[unit, { entry, revision: "3" }]]));
  expect(schedule.source).toBe("disk");
  const done = following();
  await expect.poll(() => schedule.source).toBe("etcd");
  expect(schedule.entries?.size).toBe(0);
  schedule.useCopy(new Map([[unit, { entry, revision: "3" }]]));
  expect(schedule.entries?.size).toBe(0);
  stop();
  await done;
});

test("an entry that cannot be read leaves its unit as it was", async () => {
  const { etcd, schedule, following, write, stop } = stage();
  await write(put(keys.schedule(MACHINE, unit), entry));
  const done = following();
  await expect.poll(() => schedule.entries?.size).toBe(1);
  const before = schedule.entries;
  etcd.writeText(`schedule/${MACHINE}/${unit}`, '{"v":2}');
  await expect.poll(() => schedule.entries !== before).toBe(true);
  expect(schedule.entries?.get(unit)?.entry).toEqual(entry);
  stop();
  await done;
});

test("a reset is told, so that states are looked at again", async () => {
  const { etcd, schedule, following, resets, stop } = stage();
  const done = following();
  await expect.poll(() => schedule.source).toBe("etcd");
  const before = resets();
  etcd.breakContinuity();
  await expect.poll(resets).toBeGreaterThan(before);
  stop();
  await done;
});

test("the copy on disk holds all that a start needs, and a torn one counts as none", async () => {
  const dir = await mkdtemp(join(tmpdir(), "quarterdeck-cache-"));
  const path = join(dir, "schedule.json");
  const complaints: unknown[] = [];
  const read = () => readScheduleCache(path, (error) => complaints.push(error));
  expect(await read()).toBeNull();
  expect(complaints).toEqual([]);
  const copy = { entries: new Map([[unit, { entry, revision: "3" }]]), texts: new Map([[hashOf(TEXT), TEXT]]) };
  await writeScheduleCache(path, copy);
  expect(await read()).toEqual(copy);
  await writeFile(path, (await readFile(path, "utf8")).slice(0, 50));
  expect(await read()).toBeNull();
  expect(complaints).toHaveLength(1);
  await rm(dir, { recursive: true });
});

test("an epoch that was raised holds the schedule from the very revision on, until it is released", async () => {
  const { schedule, following, write, stop } = stage();
  await write(put(keys.epoch(), { v: 1, epoch: 1, released: true }), put(keys.schedule(MACHINE, unit), entry));
  const done = following();
  await expect.poll(() => schedule.entries?.size).toBe(1);
  expect(schedule.held).toBe(false);
  await write(put(keys.epoch(), { v: 1, epoch: 2, released: false }), remove(keys.schedule(MACHINE, unit)));
  await expect.poll(() => schedule.entries?.size).toBe(0);
  expect(schedule.held).toBe(true);
  await write(put(keys.epoch(), { v: 1, epoch: 2, released: true }));
  await expect.poll(() => schedule.held).toBe(false);
  stop();
  await done;
});

test("an epoch that this agent cannot read holds the schedule; a cluster that has none does not", async () => {
  const { etcd, schedule, following, write, stop } = stage();
  await write(put(keys.schedule(MACHINE, unit), entry));
  const done = following();
  await expect.poll(() => schedule.entries?.size).toBe(1);
  expect(schedule.held).toBe(false);
  etcd.writeText("epoch", '{"v":2,"epoch":3}');
  await expect.poll(() => schedule.held).toBe(true);
  stop();
  await done;
});
