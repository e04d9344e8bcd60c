import { expect, test } from "vitest";
import type { Change } from "../client.ts";
import { Watcher } from "./watcher.ts";

const change = (path: string, modRevision: bigint): Change => ({ path, json: "{}", createRevision: 1n, modRevision });
const span = { start: "/a/", end: "/a0" };
const watcherOf = (spans: number, from: bigint | null): Watcher =>
  new Watcher(
    Array.from({ length: spans }, () => span),
    { from, onConfirmed: () => {} },
  );

test("changes of several spans wait until all spans are confirmed, and come out as one batch", () => {
  const watcher = watcherOf(2, 5n);
  watcher.attached();
  watcher.receive([change("a/1", 6n)]);
  watcher.receive([change("b/1", 6n), change("b/2", 7n)]);
  expect(watcher.take()).toBeNull();
  watcher.confirm(6n);
  expect(watcher.take()).toEqual({ kind: "batch", revision: 6n, changes: [change("a/1", 6n), change("b/1", 6n)] });
  watcher.confirm(7n);
  expect(watcher.take()?.changes).toEqual([change("b/2", 7n)]);
});

test("what was not confirmed before the stream broke is asked for again, and nothing else", () => {
  const watcher = watcherOf(2, 5n);
  watcher.attached();
  watcher.receive([change("a/1", 6n)]);
  watcher.confirm(6n);
  watcher.receive([change("a/1", 8n)]);
  watcher.detached();
  expect(watcher.startRevision).toBe(6n);
  watcher.receive([change("a/1", 6n), change("a/1", 8n)]);
  watcher.confirm(8n);
  expect(watcher.take()?.changes).toEqual([change("a/1", 8n)]);
});

test("a reader that is busy gets the last change of each key, in the order they came", () => {
  const watcher = watcherOf(1, 1n);
  watcher.attached();
  for (const [path, revision] of [
    ["a/1", 2n],
    ["a/2", 3n],
    ["a/1", 4n],
  ] as const)
    watcher.receive([change(path, revision)]);
  expect(watcher.take()).toEqual({ kind: "batch", revision: 4n, changes: [change("a/2", 3n), change("a/1", 4n)] });
  expect(watcher.take()).toBeNull();
});

test("a snapshot is asked for only once the stream stands, and drops what it holds already", () => {
  const watcher = watcherOf(1, null);
  expect(watcher.resetDue).toBeNull();
  watcher.attached();
  expect(watcher.resetDue).toBe("start");
  watcher.receive([change("a/1", 9n)]);
  watcher.receive([change("a/2", 11n)]);
  expect(watcher.take()).toBeNull();
  expect(watcher.beginAt(watcher.generation, 10n)).toBe(true);
  expect(watcher.take()?.changes).toEqual([change("a/2", 11n)]);
  expect(watcher.startRevision).toBe(11n);
});

test("a snapshot that was begun before the stream broke is not taken: there is a gap behind it", () => {
  const watcher = watcherOf(1, null);
  watcher.attached();
  const { generation } = watcher;
  watcher.detached();
  watcher.attached();
  expect(watcher.beginAt(generation, 10n)).toBe(false);
  expect(watcher.resetDue).toBe("start");
  expect(watcher.startRevision).toBe(0n);
});

test("lost continuity takes back what the reader has not taken, and says why", () => {
  const watcher = watcherOf(1, 1n);
  watcher.attached();
  watcher.receive([change("a/1", 2n)]);
  watcher.lose("compacted");
  expect(watcher.take()).toBeNull();
  expect(watcher.resetDue).toBe("compacted");
});
