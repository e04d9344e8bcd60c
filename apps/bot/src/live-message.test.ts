import type { Clock, View } from "@quarterdeck/commands";
import { expect, test } from "vitest";
import { EditBudget } from "./edit-budget.ts";
import { EDIT_INTERVAL_MS, LiveMessage } from "./live-message.ts";
import type { MessageBody } from "./ports.ts";

function turnableClock(): Clock & { turn(ms: number): void } {
  let nowMs = 0;
  return {
    now: () => nowMs,
    sleep: () => Promise.reject(new Error("nobody sleeps here")),
    turn: (ms) => {
      nowMs += ms;
    },
  };
}

const view = (text: string): View => ({ json: null, blocks: [{ kind: "note", text, tone: "neutral" }], exitCode: 0 });

function liveMessage(perMinute = 60) {
  const clock = turnableClock();
  const edits: string[] = [];
  const live = new LiveMessage({
    clock,
    budget: new EditBudget(clock, perMinute),
    shown: "Accepted",
    edit: async (body: MessageBody) => {
      edits.push(body.text);
    },
    render: ({ blocks }, final) => ({
      text: blocks[0]?.kind === "note" ? blocks[0].text : "",
      blocks: [],
      metadata: { event_type: "fleet_answer", event_payload: { trigger: "t", final } },
    }),
  });
  return { clock, edits, live };
}

test("progress that comes too soon is dropped, the newest is shown when the message is due", async () => {
  const { clock, edits, live } = liveMessage();
  for (const text of ["one", "two", "three"]) await live.progress(view(text));
  clock.turn(EDIT_INTERVAL_MS);
  await live.progress(view("four"));
  expect(edits).toEqual(["one", "four"]);
});

test("progress that says nothing new is no edit", async () => {
  const { clock, edits, live } = liveMessage();
  await live.progress(view("one"));
  clock.turn(EDIT_INTERVAL_MS);
  await live.progress(view("one"));
  expect(edits).toEqual(["one"]);
});

test("when the budget of all messages is spent progress waits, but the end is shown", async () => {
  const { clock, edits, live } = liveMessage(1);
  for (let index = 0; index < 3; index += 1) {
    await live.progress(view(`step ${index}`));
    clock.turn(EDIT_INTERVAL_MS);
  }
  await live.finish(view("done"));
  expect(edits).toEqual(["step 0", "done"]);
});
