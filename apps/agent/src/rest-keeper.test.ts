import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Clock } from "./ports.ts";
import { PAUSE_MS, QUIET_MS, RestKeeper } from "./rest-keeper.ts";

/** A keeper whose clock goes by hand, second by second, and the seconds at which it gave back. */
async function stage() {
  let nowMs = 0;
  let waiting: { readonly untilMs: number; readonly resolve: () => void } | null = null;
  const clock: Clock = {
    now: () => new Date(nowMs),
    wait: (milliseconds, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting = { untilMs: nowMs + milliseconds, resolve };
      signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      return promise;
    },
  };
  const given: number[] = [];
  const keeper = new RestKeeper({ giveBack: () => void given.push(nowMs / 1000), clock });
  const stop = new AbortController();
  const running = keeper.run(stop.signal);
  await turn();
  return {
    keeper,
    given,
    isWaiting: () => waiting !== null,
    pass: async (milliseconds: number) => {
      for (const endMs = nowMs + milliseconds; nowMs < endMs;) {
        nowMs += 1000;
        if (waiting !== null && waiting.untilMs <= nowMs) {
          const { resolve } = waiting;
          waiting = null;
          resolve();
        }
        await turn();
      }
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}

test("an agent gives memory back once after its start, and then waits for nothing as long as nothing stirs", async () => {
  await using it = await stage();
  await it.pass(10 * PAUSE_MS);
  expect(it.given).toEqual([QUIET_MS / 1000]);
  expect(it.isWaiting()).toBe(false);
});

test("after work it gives back when the work has ended, not before", async () => {
  await using it = await stage();
  await it.pass(2 * PAUSE_MS);
  for (let second = 0; second < 30; second += 1) {
    it.keeper.stir();
    await it.pass(1000);
  }
  expect(it.given).toHaveLength(1);
  await it.pass(2 * QUIET_MS);
  expect(it.given).toHaveLength(2);
});

test("however often there is something to do, it gives back no more than once a minute", async () => {
  await using it = await stage();
  for (let round = 0; round < 60; round += 1) {
    it.keeper.stir();
    await it.pass(QUIET_MS + 1000);
  }
  const gaps = it.given.slice(1).map((second, index) => second - (it.given[index] ?? 0));
  expect(gaps.length).toBeGreaterThan(3);
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(PAUSE_MS / 1000);
});
