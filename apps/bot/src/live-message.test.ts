import type { Clock, View } from "@quarterdeck/commands";
import { expect, test } from "vitest";
import { EditBudget } from "./edit-budget.ts";
import { EDIT_INTERVAL_MS, LiveMessage } from "./live-message.ts";
import type { MessageBody } from "./ports.ts";

/** A clock whose sleepers wake when it is turned past their time. */
function turnableClock(): Clock & { turn(ms: number): Promise<void> } {
  let nowMs = 0;
  const sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  return {
    now: () => nowMs,
    sleep(ms, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { untilMs: nowMs + ms, wake: resolve };
      sleepers.add(sleeper);
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      return promise;
    },
    async turn(ms) {
      nowMs += ms;
      for (const sleeper of sleepers)
        if (sleeper.untilMs <= nowMs) {
          sleepers.delete(sleeper);
          sleeper.wake();
        }
      await settled();
    },
  };
}

/** Lets everything that can go on without the clock go on. */
const settled = () => new Promise<void>((done) => setImmediate(done));

const view = (text: string): View => ({ json: null, blocks: [{ kind: "note", text, tone: "neutral" }], exitCode: 0 });

function liveMessage({ perMinute = 60, failing = 0 } = {}) {
  const clock = turnableClock();
  const edits: string[] = [];
  const reported: unknown[] = [];
  let failures = failing;
  const live = new LiveMessage({
    clock,
    budget: new EditBudget(clock, perMinute),
    report: (error) => void reported.push(error),
    edit: async (body: MessageBody) => {
      if (failures > 0) {
        failures -= 1;
        throw new Error("rate limited");
      }
      edits.push(body.text);
    },
    render: ({ blocks }, final) => ({
      text: blocks[0]?.kind === "note" ? blocks[0].text : "",
      blocks: [],
      metadata: { event_type: "fleet_answer", event_payload: { trigger: "t", final } },
    }),
  });
  return { clock, edits, live, reported };
}

test("progress that comes too soon is held back, and the newest of it is shown when the message is due", async () => {
  const { clock, edits, live } = liveMessage();
  live.progress(view("one"));
  await settled();
  live.progress(view("two"));
  live.progress(view("three"));
  await settled();
  expect(edits).toEqual(["one"]);
  await clock.turn(EDIT_INTERVAL_MS);
  expect(edits).toEqual(["one", "three"]);
});

test("progress that says nothing new is no edit", async () => {
  const { clock, edits, live } = liveMessage();
  live.progress(view("one"));
  await settled();
  await clock.turn(EDIT_INTERVAL_MS);
  live.progress(view("one"));
  await settled();
  expect(edits).toEqual(["one"]);
});

test("the end is shown at once and nothing after it, held-back progress is forgotten", async () => {
  const { clock, edits, live } = liveMessage();
  live.progress(view("one"));
  await settled();
  live.progress(view("two"));
  await live.finish(view("done"));
  await clock.turn(EDIT_INTERVAL_MS);
  expect(edits).toEqual(["one", "done"]);
});

test("when the budget of all messages is spent progress waits, but the end does not", async () => {
  const { clock, edits, live } = liveMessage({ perMinute: 1 });
  live.progress(view("one"));
  await settled();
  live.progress(view("two"));
  await clock.turn(EDIT_INTERVAL_MS);
  expect(edits).toEqual(["one"]);
  await live.finish(view("done"));
  expect(edits).toEqual(["one", "done"]);
});

test("an edit that Slack refuses is reported, and the next one is tried", async () => {
  const { clock, edits, live, reported } = liveMessage({ failing: 1 });
  live.progress(view("one"));
  await settled();
  expect(reported).toHaveLength(1);
  live.progress(view("two"));
  await clock.turn(EDIT_INTERVAL_MS);
  expect(edits).toEqual(["two"]);
});
