import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { onAbort } from "./on-abort.ts";

test("a thousand acts are one listener, each is done once, and none that was taken back", () => {
  const stop = new AbortController();
  const done: number[] = [];
  const forgets = Array.from({ length: 1_000 }, (_, act) => onAbort(stop.signal, () => void done.push(act)));
  expect(getEventListeners(stop.signal, "abort").length).toBe(1);
  for (const forget of forgets.slice(3)) forget();
  stop.abort();
  for (const forget of forgets) forget();
  expect(done).toEqual([0, 1, 2]);
  expect(getEventListeners(stop.signal, "abort")).toEqual([]);
});

test("a signal that nobody waits for has no listener, and gets one again", () => {
  const stop = new AbortController();
  let done = 0;
  onAbort(stop.signal, () => (done += 100))();
  expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  onAbort(stop.signal, () => (done += 1));
  stop.abort();
  expect(done).toBe(1);
});

test("who is taken back by another's act is not done", () => {
  const stop = new AbortController();
  const done: string[] = [];
  onAbort(stop.signal, () => {
    done.push("first");
    forgetSecond();
  });
  const forgetSecond = onAbort(stop.signal, () => void done.push("second"));
  stop.abort();
  expect(done).toEqual(["first"]);
});
