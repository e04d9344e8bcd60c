import { once } from "node:events";
import { CodedError } from "@quarterdeck/model";
import type { Condition, Lease, Operation, Reads } from "../client.ts";
import { covers } from "../keyspace/covers.ts";
import { KeyTable } from "../keyspace/key-table.ts";
import { checkTtl } from "../lease/check-ttl.ts";
import type { EtcdPort, FollowOptions, PortFollowEvent, StoredValue } from "../port.ts";
import { checkTransaction } from "../transaction/check-transaction.ts";
import { pathsOf } from "../transaction/paths-of.ts";
import { Bell } from "../watch/bell.ts";
import { lastChangePerPath } from "../watch/last-change-per-path.ts";
import type { FakeFaults } from "./fake-faults.ts";
import { fakeMember } from "./fake-member.ts";
import type { FakeStore } from "./fake-store.ts";

type Parts = { readonly store: FakeStore; readonly faults: FakeFaults; readonly prefix: string };

/** The store behind the port, with the faults a test asked for. */
export function createFakePort({ store, faults, prefix }: Parts): EtcdPort {
  const relative = <Value extends { readonly path: string }>(value: Value): Value => ({
    ...value,
    path: value.path.slice(prefix.length),
  });
  const absolute = <Value extends { readonly path: string }>(value: Value): Value => ({
    ...value,
    path: prefix + value.path,
  });
  const known = new WeakMap<StoredValue, StoredValue>();
  /** The same object for the same stored value, as long as it stands: decoding is cached by it. */
  const storedValue = (kept: StoredValue): StoredValue => {
    let value = known.get(kept);
    if (value === undefined) {
      const { path, json, createRevision, modRevision } = relative(kept);
      known.set(kept, (value = { path, json, createRevision, modRevision }));
    }
    return value;
  };
  const read = (paths: readonly string[]): readonly StoredValue[] =>
    [...store.values.values()]
      .filter((value) => value.path.startsWith(prefix))
      .map(storedValue)
      .filter((value) => covers(paths, value.path));

  async function* follow(
    paths: readonly string[],
    { from, onConfirmed }: FollowOptions,
    signal: AbortSignal,
  ): AsyncIterable<PortFollowEvent> {
    const bell = new Bell();
    store.followers.add(bell);
    using _ = bell.ringOnAbort(signal);
    try {
      let cursor = from ?? null;
      let { continuity } = store;
      let why = "start";
      while (!signal.aborted) {
        faults.checkReadable(paths);
        if (continuity !== store.continuity) {
          ({ continuity } = store);
          cursor = null;
          why = "continuity was broken by the test";
        }
        const changes = cursor === null ? null : store.changesAfter(cursor);
        if (changes === null) {
          if (cursor !== null) why = "compacted";
          cursor = store.revision;
          yield { kind: "reset", snapshot: KeyTable.of(paths, store.revision, read(paths)), why };
          continue;
        }
        cursor = store.revision;
        onConfirmed?.();
        const mine = changes
          .filter((change) => change.path.startsWith(prefix))
          .map(relative)
          .filter((change) => covers(paths, change.path));
        if (mine.length > 0) yield { kind: "batch", revision: cursor, changes: lastChangePerPath(mine) };
        else await bell.wait();
      }
    } finally {
      store.followers.delete(bell);
    }
  }

  /** Its time is over when the test says so. */
  const leaseOf = (id: string, ttlSeconds: number): Lease => ({
    id,
    ttlSeconds,
    lost: faults.lossOf(id),
    leftMs: () => (faults.lossOf(id).aborted ? 0 : ttlSeconds * 1_000),
    async *renewals(signal) {
      yield performance.now();
      const either = AbortSignal.any([signal, faults.lossOf(id)]);
      if (!either.aborted) await once(either, "abort");
    },
    askEvery: () => undefined,
    check: () => faults.lossOf(id).throwIfAborted(),
    detach: async () => {},
    [Symbol.asyncDispose]: async () => store.endLease(id),
  });

  return {
    prefix,
    follow,
    async read(paths, signal) {
      await faults.beforeRead(paths, signal);
      return { revision: store.revision, values: read(paths) };
    },
    async *pages(spans, signal) {
      await faults.beforeRead(
        spans.map(({ start }) => start),
        signal,
      );
      const { revision } = store;
      const all = read([""]).toSorted((a, b) => (a.path < b.path ? -1 : 1));
      const found = spans.flatMap(({ start, end }) =>
        all.filter(({ path }) => (end === null ? path === start : path >= start && path < end)),
      );
      for (let at = 0; at === 0 || at < found.length; at += 3) yield { revision, values: found.slice(at, at + 3) };
    },
    async transact(transaction, signal) {
      const { when, then, thenRead = {}, elseRead = {} } = transaction;
      checkTransaction(transaction);
      await faults.beforeWrite(
        then.map((operation) => operation.path),
        signal,
      );
      for (const operation of then)
        if (operation.kind === "put" && operation.lease !== null) faults.lossOf(operation.lease).throwIfAborted();
      const look = (reads: Reads) =>
        pathsOf(reads).map((path) => {
          const kept = store.values.get(prefix + path);
          return kept === undefined ? null : storedValue(kept);
        });
      const before = { then: look(thenRead), else: look(elseRead) };
      const committed = store.transact({
        when: when.map((one): Condition => absolute(one)),
        then: then.map((one): Operation => absolute(one)),
      });
      return { committed, revision: store.revision, found: committed ? before.then : before.else };
    },
    async grantLease({ ttlSeconds }, signal) {
      checkTtl(ttlSeconds);
      await faults.beforeWrite([], signal);
      return leaseOf(store.grant(), ttlSeconds);
    },
    async resumeLease(id, signal) {
      await faults.beforeWrite([], signal);
      return store.leases.has(id) ? leaseOf(id, 10) : null;
    },
    async rawGet(path, signal) {
      await faults.beforeRead([], signal);
      const found = store.values.get(path);
      return found === undefined ? null : { bytes: Buffer.from(found.json), modRevision: found.modRevision };
    },
    async rawKeys(start, end, signal) {
      await faults.beforeRead([], signal);
      return [...store.values.keys()]
        .filter((path) => path >= start && (end === "\0" || path < end))
        .sort((a, b) => (a < b ? -1 : 1));
    },
    async rawPut(path, value, signal) {
      await faults.beforeWrite([], signal);
      const json = Buffer.from(value).toString();
      if (!store.transact({ when: [], then: [{ kind: "put", path, json, lease: null }] })) {
        throw new CodedError("INTERNAL", { message: "a transaction without conditions did not commit" });
      }
    },
    isAccessControlled: async () => faults.isLimited,
    health: async () => [fakeMember()],
    members: async () => [
      { name: "fake", id: "1", endpoint: "memory:", healthy: true, leader: true, version: "3.6.16", databaseBytes: 0 },
    ],
    [Symbol.asyncDispose]: async () => {},
  };
}
