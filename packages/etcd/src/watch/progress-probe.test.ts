import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Feed } from "./feed.ts";
import { Follower } from "./follower.ts";
import { isOrderedVersion } from "./is-ordered.ts";
import { ProgressProbe } from "./progress-probe.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const twoSpans = [
  { start: "/a/", end: "/a0" },
  { start: "/b/", end: "/b0" },
];

function waitingFeed() {
  const feed = new Feed(twoSpans, 1n);
  const follower = new Follower({ from: 1n, onConfirmed: () => {} });
  feed.followers.add(follower);
  feed.attach(1n);
  feed.receive([{ path: "a/1", json: "{}", createRevision: 2n, modRevision: 2n }]);
  return { feed, follower };
}

test("an answer to a question from before a feed with history was attached says nothing about it", () => {
  const request = vi.fn<() => void>();
  const probe = new ProgressProbe({ request, giveUp: () => {} });
  probe.trustOrder();
  const first = waitingFeed();
  probe.add(first.feed, true);
  const late = waitingFeed();
  probe.add(late.feed, false);
  expect(request).toHaveBeenCalledTimes(1);
  probe.answered(5n);
  expect(first.follower.take()?.revision).toBe(5n);
  expect(late.follower.take()).toBeNull();
  expect(request).toHaveBeenCalledTimes(2);
  probe.answered(5n);
  expect(late.follower.take()?.revision).toBe(5n);
  probe.stop();
});

test("an etcd whose answers overtake changes is believed only after a second answer", () => {
  const request = vi.fn<() => void>();
  const probe = new ProgressProbe({ request, giveUp: () => {} });
  const { feed, follower } = waitingFeed();
  probe.add(feed, true);
  probe.answered(5n);
  expect(follower.take()).toBeNull();
  feed.receive([{ path: "b/1", json: "{}", createRevision: 2n, modRevision: 2n }]);
  probe.answered(6n);
  expect(follower.take()).toMatchObject({ revision: 5n, changes: [{ path: "a/1" }, { path: "b/1" }] });
  expect(request).toHaveBeenCalledTimes(2);
  probe.stop();
});

test("an etcd whose answers overtake changes is given a second to send the history that was asked for", () => {
  const probe = new ProgressProbe({ request: () => {}, giveUp: () => {} });
  const { feed, follower } = waitingFeed();
  probe.add(feed, false);
  probe.answered(5n);
  probe.answered(5n);
  expect(follower.take()).toBeNull();
  vi.advanceTimersByTime(1_100);
  for (let answers = 0; answers < 20; answers += 1) probe.answered(5n);
  expect(follower.take()?.revision).toBe(5n);
  probe.stop();
});

test("a question that etcd dropped is asked again while changes wait, and delays no later one", () => {
  const request = vi.fn<() => void>();
  const probe = new ProgressProbe({ request, giveUp: () => {} });
  probe.trustOrder();
  const { feed, follower } = waitingFeed();
  probe.add(feed, true);
  expect(request).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(450);
  expect(request).toHaveBeenCalledTimes(3);
  probe.answered(5n);
  expect(follower.take()?.revision).toBe(5n);
  feed.receive([{ path: "a/1", json: "{}", createRevision: 2n, modRevision: 6n }]);
  probe.hurry(feed);
  expect(request).toHaveBeenCalledTimes(4);
  probe.answered(6n);
  expect(follower.take()?.revision).toBe(6n);
  probe.stop();
});

test("an idle stream is asked every two seconds, and given up after five of silence", () => {
  const request = vi.fn<() => void>();
  const giveUp = vi.fn<() => void>();
  const probe = new ProgressProbe({ request, giveUp });
  probe.trustOrder();
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

test.each([
  ["3.4.23", false],
  ["3.4.25", true],
  ["3.5.7", false],
  ["3.5.8", true],
  ["3.6.0-alpha.0", true],
  ["3.3.27", false],
  ["4.0.0", true],
  ["", false],
])("etcd %s sends progress after all that it covers: %s", (version, ordered) => {
  expect(isOrderedVersion(version)).toBe(ordered);
});
