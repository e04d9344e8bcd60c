import { expect, test } from "vitest";
import { createLossWatch, type LossWatch } from "./loss-watch.ts";
import { M1, M2, NOW } from "./testing/facts.ts";

const limits = { graceMs: 1_000, ttlMs: 10_000 };
const at = (elapsed: number, mirrorAgeMs = 0) => ({ now: NOW + elapsed, elapsed, mirrorAgeMs });

test("an engine believes no absence before its mirror was current for one lease", () => {
  const watch = createLossWatch(limits);
  expect(watch.look(new Set([M1]), at(0))).toMatchObject({ mayActOnLosses: false, dueAt: 1_000 });
  expect(watch.look(new Set([M1]), at(1_000))).toMatchObject({ mayActOnLosses: false, dueAt: 10_000 });
  expect(watch.look(new Set([M1]), at(10_000))).toMatchObject({ mayActOnLosses: true, dueAt: null });
});

test("the grace counts from when the silence was found, for each machine by itself", () => {
  const watch = createLossWatch(limits);
  watch.look(new Set(), at(0));
  watch.look(new Set([M1]), at(20_000));
  const later = watch.look(new Set([M1, M2]), at(20_600));
  expect([later.silences.get(M1)?.graceOver, later.silences.get(M2)?.graceOver, later.dueAt]).toEqual([
    false,
    false,
    21_000,
  ]);
  const over = watch.look(new Set([M1, M2]), at(21_000));
  expect([over.silences.get(M1)?.graceOver, over.silences.get(M2)?.graceOver, over.dueAt]).toEqual([
    true,
    false,
    21_600,
  ]);
});

test("a machine that spoke again starts its grace anew", () => {
  const watch = createLossWatch(limits);
  watch.look(new Set([M1]), at(20_000));
  watch.look(new Set(), at(20_500));
  expect(watch.look(new Set([M1]), at(21_000)).silences.get(M1)?.graceOver).toBe(false);
});

test.each<readonly [string, (watch: LossWatch) => void]>([
  ["a stale mirror", (watch) => void watch.look(new Set([M1]), at(13_000, 10_001))],
  ["a mirror that started over", (watch) => watch.restart()],
])("%s takes the engine's trust away for another lease", (_, disturb) => {
  const watch = createLossWatch(limits);
  watch.look(new Set(), at(0));
  expect(watch.look(new Set([M1]), at(12_000)).mayActOnLosses).toBe(true);
  disturb(watch);
  expect(watch.look(new Set([M1]), at(14_000)).mayActOnLosses).toBe(false);
  expect(watch.look(new Set([M1]), at(23_999)).mayActOnLosses).toBe(false);
  expect(watch.look(new Set([M1]), at(24_000)).mayActOnLosses).toBe(true);
});

test("fleet #1145: half an hour without etcd declares nobody lost, nor does its end, once the machines are back within a lease", () => {
  const watch = createLossWatch(limits);
  const everybody = new Set([M1, M2]);
  const outageMs = 30 * 60_000;
  watch.look(new Set(), at(0));
  expect(watch.look(new Set(), at(20_000)).mayActOnLosses).toBe(true);
  // What was seen last stays in the mirror; that their leases have ended is first seen when etcd is back.
  for (let elapsed = 31_000; elapsed < outageMs; elapsed += 5_000)
    expect(watch.look(new Set(), at(elapsed, elapsed - 20_000)).mayActOnLosses).toBe(false);
  for (let elapsed = outageMs; elapsed < outageMs + 9_000; elapsed += 500)
    expect(watch.look(everybody, at(elapsed)).mayActOnLosses).toBe(false);
  const back = watch.look(new Set(), at(outageMs + 10_000));
  expect(back).toMatchObject({ mayActOnLosses: true, dueAt: null });
  expect(back.silences.size).toBe(0);
});
