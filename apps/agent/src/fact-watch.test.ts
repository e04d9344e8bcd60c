import { createLogger } from "@quarterdeck/daemon";
import type { MachineId, Presence, Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { FactWatch } from "./fact-watch.ts";
import type { ChangingFacts } from "./machine-facts.ts";
import type { Clock } from "./ports.ts";

const log = createLogger("test");
log.level = "silent";

const capacity = { cpus: 2, memoryMiB: 1024 };
const presence: Presence = {
  v: 1,
  machine: "a".repeat(32) as MachineId,
  hostname: "m1",
  address: "10.0.0.1",
  agentPort: 7443,
  zone: "local",
  os: "Debian",
  versions: {},
  capacity,
  disk: { freePercent: 40 },
  metadata: {},
  bootId: "boot",
  instanceId: "this one",
  startedAt: "2026-11-24T12:00:00.000Z" as Timestamp,
};

/** Looks once for each answer, then the watch is over; returns what was there after each look. */
async function looked(answers: readonly (ChangingFacts | Error)[]) {
  const stop = new AbortController();
  const after: { readonly presence: Presence; readonly woken: boolean }[] = [];
  let asked = 0;
  let woken = false;
  const note = () => {
    if (asked > 0) after.push({ presence: watch.presence, woken });
    woken = false;
  };
  const clock: Clock = {
    now: () => new Date(0),
    wait: () => {
      note();
      if (asked === answers.length) stop.abort();
      return Promise.resolve();
    },
  };
  const watch = new FactWatch({
    presence,
    clock,
    log,
    read: () => {
      const answer = answers[asked];
      asked += 1;
      return answer instanceof Error || answer === undefined ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  watch.changed.wake = () => {
    woken = true;
  };
  await watch.run(stop.signal);
  return after;
}

test("looking finds what changed and says so once; what did not change wakes nobody", async () => {
  const less = { capacity, disk: { freePercent: 35 } };
  const more = { capacity: { cpus: 4, memoryMiB: 1024 }, disk: { freePercent: 35 } };
  const after = await looked([{ capacity, disk: { freePercent: 40 } }, less, less, more]);
  expect(after.map(({ woken }) => woken)).toEqual([false, true, false, true]);
  expect(after.map((each) => [each.presence.capacity.cpus, each.presence.disk?.freePercent])).toEqual([
    [2, 40],
    [2, 35],
    [2, 35],
    [4, 35],
  ]);
});

test("what cannot be read stays as it was, and is looked at again", async () => {
  const after = await looked([new Error("statfs"), { capacity, disk: null }]);
  expect(after.map((each) => [each.presence.disk?.freePercent ?? null, each.woken])).toEqual([
    [40, false],
    [null, true],
  ]);
});
