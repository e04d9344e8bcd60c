import { createLogger } from "@quarterdeck/daemon";
import { keys, put } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";
import type { Incarnation, MachineId, Timestamp, UnitName, UnitState } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { AgentCounts } from "./agent-counts.ts";
import type { Clock } from "./ports.ts";
import { StateReporter } from "./state-reporter.ts";

const MACHINE = "a".repeat(32) as MachineId;
const signal = AbortSignal.timeout(20_000);
const log = createLogger("test");
log.level = "silent";

const state = (changes: Partial<UnitState> = {}): UnitState => ({
  v: 1,
  incarnation: "7" as Incarnation,
  generation: 1,
  release: null,
  hash: null,
  load: "loaded",
  active: "active",
  sub: "running",
  result: "success",
  health: "none",
  healthDetail: "",
  restarts: 0,
  since: "2026-11-24T12:00:00.000Z" as Timestamp,
  bootId: "boot",
  invocationId: "",
  entryRevision: "5",
  problem: null,
  ...changes,
});

function stage(nowMs = () => 0) {
  const etcd = fakeEtcd();
  const clock: Clock = { now: () => new Date(nowMs()), wait: () => Promise.reject(new Error("not here")) };
  const reporter = new StateReporter({ machine: MACHINE, clock, log, counts: new AgentCounts() });
  const report = (states: Record<string, UnitState>) =>
    reporter.report(new Map(Object.entries(states) as [UnitName, UnitState][]));
  const revision = async () => (await etcd.snapshot([`agents/${MACHINE}/`], signal)).revision;
  return { etcd, reporter, report, revision, path: (unit: string) => `agents/${MACHINE}/states/${unit}` };
}

test("states are written once, and again only when they change", async () => {
  const { etcd, reporter, report, revision, path } = stage();
  report({ "a.service": state(), "b.service": state() });
  await reporter.flush(etcd, signal);
  const before = await revision();
  report({ "a.service": state(), "b.service": state() });
  await reporter.flush(etcd, signal);
  expect(await revision()).toBe(before);
  report({ "a.service": state({ active: "failed" }), "b.service": state() });
  await reporter.flush(etcd, signal);
  expect(etcd.dump()[path("a.service")]).toMatchObject({ active: "failed" });
});

test("a unit that is no longer reported loses its key, also one that a former agent left behind", async () => {
  const { etcd, reporter, report, path } = stage();
  await etcd.transact({ when: [], then: [put(keys.state(MACHINE, "old.service" as UnitName), state())] }, signal);
  report({ "a.service": state() });
  await reporter.flush(etcd, signal);
  expect(Object.keys(etcd.dump())).toEqual([path("a.service")]);
});

test("before anything is reported nothing is deleted", async () => {
  const { etcd, reporter, path } = stage();
  await etcd.transact({ when: [], then: [put(keys.state(MACHINE, "old.service" as UnitName), state())] }, signal);
  await reporter.flush(etcd, signal);
  expect(Object.keys(etcd.dump())).toEqual([path("old.service")]);
  expect(reporter.previous("old.service" as UnitName)).toEqual(state());
});

test("a failed write is made up for", async () => {
  const { etcd, reporter, report, path } = stage();
  report({ "a.service": state() });
  etcd.failNext("ETCD_UNREACHABLE");
  await expect(reporter.flush(etcd, signal)).rejects.toMatchObject({ code: "ETCD_UNREACHABLE" });
  await reporter.flush(etcd, signal);
  expect(etcd.dump()).toHaveProperty([path("a.service")]);
});

test("after etcd may have lost them, states are written again", async () => {
  const { etcd, reporter, report, path } = stage();
  report({ "a.service": state() });
  await reporter.flush(etcd, signal);
  await etcd.transact({ when: [], then: [{ kind: "delete", path: path("a.service") }] }, signal);
  reporter.distrust();
  await reporter.flush(etcd, signal);
  expect(etcd.dump()).toHaveProperty([path("a.service")]);
});

test("hundreds of units fit into transactions of etcd's size", async () => {
  const { etcd, reporter, report } = stage();
  report(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`job@${index}.service`, state()])));
  await reporter.flush(etcd, signal);
  expect(Object.keys(etcd.dump())).toHaveLength(100);
});

test("a unit that changes all the time is written ten times, then once a second", async () => {
  let nowMs = 0;
  const { etcd, reporter, report, path } = stage(() => nowMs);
  for (let restarts = 1; restarts <= 30; restarts += 1) {
    report({ "loop.service": state({ restarts }) });
    await reporter.flush(etcd, signal);
  }
  expect(etcd.dump()[path("loop.service")]).toMatchObject({ restarts: 10 });
  nowMs = 1000;
  await reporter.flush(etcd, signal);
  expect(etcd.dump()[path("loop.service")]).toMatchObject({ restarts: 30 });
});
