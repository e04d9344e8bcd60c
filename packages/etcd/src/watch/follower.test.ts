import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { Change } from "../client.ts";
import { Feed } from "./feed.ts";
import { Follower, type PendingLimits } from "./follower.ts";

const RUNS = 500;
// A limit by the work and not by the clock: at a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 1_000 });

const change = (path: string, modRevision: bigint, json = "{}"): Change => ({
  path,
  json,
  createRevision: 1n,
  modRevision,
});
const span = { start: "/a/", end: "/a0" };

function followed(spans: number, from: bigint | null, limits?: PendingLimits) {
  const feed = new Feed(
    Array.from({ length: spans }, () => span),
    from,
  );
  const follower = new Follower({ from, onConfirmed: () => {}, ...(limits === undefined ? {} : { limits }) });
  feed.followers.add(follower);
  return { feed, follower };
}

test("changes of several spans wait until all spans are confirmed, and come out as one batch", () => {
  const { feed, follower } = followed(2, 5n);
  feed.attach(5n);
  feed.receive([change("a/1", 6n)]);
  feed.receive([change("b/1", 6n), change("b/2", 7n)]);
  expect(follower.take()).toBeNull();
  feed.confirm(6n);
  expect(follower.take()).toEqual({ kind: "batch", revision: 6n, changes: [change("a/1", 6n), change("b/1", 6n)] });
  feed.confirm(7n);
  expect(follower.take()?.changes).toEqual([change("b/2", 7n)]);
});

test("what was not confirmed before the stream broke is asked for again, and nothing else", () => {
  const { feed, follower } = followed(2, 5n);
  feed.attach(5n);
  feed.receive([change("a/1", 6n)]);
  feed.confirm(6n);
  feed.receive([change("a/1", 8n)]);
  feed.detach();
  expect(feed.startRevision).toBe(6n);
  feed.attach(9n);
  feed.receive([change("a/1", 6n), change("a/1", 8n)]);
  feed.confirm(8n);
  expect(follower.take()?.changes).toEqual([change("a/1", 8n)]);
});

test("what a new stream sends is passed on only once it is known to go on where the last one ended", () => {
  const { feed, follower } = followed(1, 5n);
  feed.receive([change("a/1", 5n), change("a/1", 6n)]);
  expect(follower.take()).toBeNull();
  feed.attach(6n);
  expect(follower.take()?.changes).toEqual([change("a/1", 6n)]);
});

test("a reader that is busy gets the last change of each key, in the order they came", () => {
  const { feed, follower } = followed(1, 1n);
  feed.attach(1n);
  for (const [path, revision] of [
    ["a/1", 2n],
    ["a/2", 3n],
    ["a/1", 4n],
  ] as const)
    feed.receive([change(path, revision)]);
  expect(follower.take()).toEqual({ kind: "batch", revision: 4n, changes: [change("a/2", 3n), change("a/1", 4n)] });
  expect(follower.take()).toBeNull();
});

test("a snapshot drops what it holds already, and what came before it was begun was never kept", () => {
  const { feed, follower } = followed(1, null);
  feed.attach(8n);
  expect(follower.resetWhy).toBe("start");
  feed.receive([change("a/0", 9n)]);
  const ticket = follower.beginReset();
  feed.receive([change("a/1", 10n)]);
  feed.receive([change("a/2", 11n)]);
  expect(follower.take()).toBeNull();
  expect(follower.beginAt(ticket, 10n)).toBe(true);
  expect(follower.take()?.changes).toEqual([change("a/2", 11n)]);
  expect(feed.startRevision).toBe(11n);
});

test("a snapshot that was begun before continuity was lost is not taken: there is a gap behind it", () => {
  const { feed, follower } = followed(1, null);
  feed.attach(8n);
  const ticket = follower.beginReset();
  feed.lose("compacted");
  expect(follower.beginAt(ticket, 10n)).toBe(false);
  expect(follower.resetWhy).toBe("start");
  expect(feed.startRevision).toBe(0n);
});

test("a snapshot begun before a stream broke is good: the next stream sends what came after it", () => {
  const { feed, follower } = followed(1, null);
  feed.attach(8n);
  const ticket = follower.beginReset();
  feed.detach();
  expect(follower.beginAt(ticket, 10n)).toBe(true);
  expect(feed.startRevision).toBe(8n);
  feed.attach(12n);
  feed.receive([change("a/1", 9n), change("a/1", 12n)]);
  expect(follower.take()?.changes).toEqual([change("a/1", 12n)]);
});

test("lost continuity takes back what the reader has not taken, and says why", () => {
  const { feed, follower } = followed(1, 1n);
  feed.attach(1n);
  feed.receive([change("a/1", 2n)]);
  feed.lose("compacted");
  expect(follower.take()).toBeNull();
  expect(follower.resetWhy).toBe("compacted");
});

test("a change that comes after etcd said there was none makes the feed start over", () => {
  const { feed } = followed(2, 5n);
  feed.attach(5n);
  feed.receive([change("a/1", 6n)]);
  feed.confirm(6n);
  expect(feed.receive([change("b/1", 6n)])).toMatch(/after it had said/);
});

test.each([
  { what: "keys", limits: { keys: 10, bytes: Infinity } },
  { what: "bytes", limits: { keys: Infinity, bytes: 5_000 } },
])("a slow reader's $what are bounded: past the bound it gets a reset and no batch, and others lose nothing", (row) => {
  const { feed, follower } = followed(1, 1n, row.limits);
  const other = new Follower({ from: 1n, onConfirmed: () => {} });
  feed.followers.add(other);
  feed.attach(1n);
  for (let key = 0; key < 100; key += 1) feed.receive([change(`a/${key}`, BigInt(key + 2), "x".repeat(100))]);
  expect(follower.take()).toBeNull();
  expect(follower.resetWhy).toMatch(/too slow/);
  expect(other.take()?.changes.length).toBe(100);
  const ticket = follower.beginReset();
  expect(follower.beginAt(ticket, 101n)).toBe(true);
  feed.receive([change("a/0", 102n)]);
  expect(follower.take()?.changes).toEqual([change("a/0", 102n)]);
});

test("one key written over and over never counts as more than one", () => {
  const { feed, follower } = followed(1, 1n, { keys: 2, bytes: 1_000 });
  feed.attach(1n);
  for (let turn = 2; turn < 10_000; turn += 1) feed.receive([change("a/1", BigInt(turn), "x".repeat(100))]);
  expect(follower.resetWhy).toBeNull();
  expect(follower.take()?.changes.length).toBe(1);
});

test("whatever breaks and whoever is slow: what a reader has put together is what etcd had at that revision", () => {
  const act = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("write" as const), key: fc.integer({ min: 0, max: 5 }) }) },
    { weight: 3, arbitrary: fc.constant({ kind: "read" as const }) },
    { weight: 1, arbitrary: fc.constantFrom({ kind: "break" as const }, { kind: "lose" as const }) },
    { weight: 2, arbitrary: fc.constantFrom({ kind: "begin" as const }, { kind: "snapshot" as const }) },
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (acts, keys) => {
      const { feed, follower } = followed(1, null, { keys, bytes: Infinity });
      const history: Change[] = [];
      let revision = 10n;
      feed.attach(revision);
      let sent = 0;
      const stateAt = (upTo: bigint): ReadonlyMap<string, bigint> =>
        new Map(history.filter((one) => one.modRevision <= upTo).map((one) => [one.path, one.modRevision]));
      let view = new Map<string, bigint>();
      let snapshot: { ticket: number; revision: bigint } | null = null;
      const send = (): void => {
        for (; sent < history.length; sent += 1) feed.receive(history.slice(sent, sent + 1));
      };
      const take = (): void => {
        const batch = follower.take();
        if (batch === null) return;
        for (const one of batch.changes) view.set(one.path, one.modRevision);
        expect(view).toEqual(new Map(stateAt(batch.revision)));
      };
      for (const step of acts) {
        if (step.kind === "write") history.push(change(`a/${step.key}`, (revision += 1n)));
        else if (step.kind === "break") {
          feed.detach();
          sent = history.findIndex((one) => one.modRevision >= feed.startRevision);
          if (sent < 0) sent = history.length;
          feed.attach(revision);
        } else if (step.kind === "lose") {
          feed.detach();
          feed.lose("compacted");
          sent = history.length;
          feed.attach(revision);
        } else if (step.kind === "begin" && follower.resetWhy !== null)
          snapshot = { ticket: follower.beginReset(), revision };
        else if (step.kind === "snapshot" && snapshot !== null) {
          if (follower.beginAt(snapshot.ticket, snapshot.revision)) view = new Map(stateAt(snapshot.revision));
          snapshot = null;
        } else if (step.kind === "read") {
          send();
          take();
        }
      }
      if (follower.resetWhy !== null) {
        expect(follower.beginAt(follower.beginReset(), revision)).toBe(true);
        view = new Map(stateAt(revision));
      }
      send();
      take();
      if (follower.resetWhy === null) expect(view).toEqual(new Map(stateAt(revision)));
    }),
    { numRuns: RUNS },
  );
});
