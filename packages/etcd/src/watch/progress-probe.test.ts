import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProgressProbe } from "./progress-probe.ts";
import { Watcher } from "./watcher.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const twoSpans = [
  { start: "/a/", end: "/a0" },
  { start: "/b/", end: "/b0" },
];
const waitingWatcher = (): Watcher => {
  const watcher = new Watcher(twoSpans, { from: 1n, onConfirmed: () => {} });
  watcher.receive([{ path: "a/1", json: "{}", createRevision: 2n, modRevision: 2n }]);
  return watcher;
};

test("an answer to a question from before a watcher was attached says nothing about it", () => {
  const request = vi.fn<() => void>();
  const probe = new ProgressProbe({ request, giveUp: () => {} });
  probe.hurry();
  const late = waitingWatcher();
  probe.add(late);
  probe.answered(5n);
  expect(late.take()).toBeNull();
  expect(request).toHaveBeenCalledTimes(2);
  probe.answered(5n);
  expect(late.take()?.revision).toBe(5n);
  probe.stop();
});

test("a question that etcd dropped is asked again while changes wait", () => {
  const request = vi.fn<() => void>();
  const probe = new ProgressProbe({ request, giveUp: () => {} });
  probe.add(waitingWatcher());
  expect(request).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(450);
  expect(request).toHaveBeenCalledTimes(3);
  probe.stop();
});

test("an idle stream is asked every two seconds, and given up after five of silence", () => {
  const request = vi.fn<() => void>();
  const giveUp = vi.fn<() => void>();
  const probe = new ProgressProbe({ request, giveUp });
  for (let seconds = 0; seconds < 10; seconds += 2) {
    vi.advanceTimersByTime(2_000);
    probe.heard();
    probe.answered(1n);
  }
  expect(request).toHaveBeenCalledTimes(5);
  expect(giveUp).not.toHaveBeenCalled();
  vi.advanceTimersByTime(8_000);
  expect(giveUp).toHaveBeenCalled();
  probe.stop();
});
