import { CodedError, type ErrorCode } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Operation, Transact } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { fakeEtcd } from "../testing/fake-etcd.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { absent } from "./condition.ts";
import { transactParts, type Part, type PartResult } from "./transact-parts.ts";

const signal = AbortSignal.timeout(120_000);
const CHUNK = 128;

const write = (index: number, json = "{}"): Operation => ({ kind: "put", path: `many/${index}`, json, lease: null });
const plain = (count: number): readonly Part[] =>
  Array.from({ length: count }, (_, index) => ({ when: [], then: [write(index)] }));

/** Writes into memory, and does with the calls of these numbers what `act` says; `before`: it is not written. */
function failingWriter(act: (call: number, paths: readonly string[]) => { code: ErrorCode; before: boolean } | null) {
  const etcd = fakeEtcd();
  let calls = 0;
  const transact: Transact = async (transaction, until) => {
    const paths = transaction.then.map(({ path }) => path);
    const fails = act((calls += 1), paths);
    if (fails?.before === true) throw new CodedError(fails.code, { message: "as the test asked" });
    const result = await etcd.transact(transaction, until);
    if (fails !== null) throw new CodedError(fails.code, { message: "as the test asked" });
    return result;
  };
  return { etcd, transact, calls: () => calls, written: () => new Set(Object.keys(etcd.dump())) };
}

const pathsOf = (results: readonly PartResult[], outcome: PartResult["outcome"]): ReadonlySet<string> =>
  new Set(results.flatMap((result, index) => (result.outcome === outcome ? [`many/${index}`] : [])));

describe("a failure in the middle", () => {
  test.each([true, false])(
    "whose outcome is unknown stops what was not sent yet, and tells apart what is written, what is not and what may be (lost before: %s)",
    async (before) => {
      const writer = failingWriter((call) => (call === 3 ? { code: "ETCD_TIMEOUT", before } : null));
      const results = await transactParts(writer, plain(20 * CHUNK), signal);
      const [committed, unknown, unwritten] = [
        pathsOf(results, "committed"),
        pathsOf(results, "unknown"),
        pathsOf(results, "unwritten"),
      ];
      expect(unknown.size).toBe(CHUNK);
      expect(unwritten.size).toBeGreaterThan(0);
      expect(committed.size + unknown.size + unwritten.size).toBe(results.length);
      expect(writer.written()).toEqual(before ? committed : committed.union(unknown));
      for (const result of results) if ("error" in result) expect(result.error.code).toBe("ETCD_TIMEOUT");
    },
  );

  test("that is one part's own stops no other part", async () => {
    const denied = "many/200";
    const writer = failingWriter((_, paths) =>
      paths.includes(denied) ? { code: "ETCD_FORBIDDEN", before: true } : null,
    );
    const results = await transactParts(writer, plain(3 * CHUNK), signal);
    expect(pathsOf(results, "unwritten")).toEqual(new Set([denied]));
    expect(writer.written()).toEqual(pathsOf(results, "committed"));
    // It is searched for by halves: three transactions, and two for each of seven halvings.
    expect(writer.calls()).toBe(3 + 2 * 7);
  });

  test("that is a fault of ours, or the caller's own end, is thrown once nothing is under way any more", async () => {
    const broken: Transact = () => Promise.reject(new TypeError("broken"));
    await expect(transactParts({ transact: broken }, plain(1_000), signal)).rejects.toThrow(TypeError);
    const { etcd } = failingWriter(() => null);
    const ended = AbortSignal.abort(new Error("enough"));
    await expect(transactParts(etcd, plain(1_000), ended)).rejects.toThrow("enough");
    expect(etcd.dump()).toEqual({});
  });
});

test("large parts share a transaction up to 1 MiB, and larger ones have one of their own", async () => {
  const sizes: number[] = [];
  const { etcd } = failingWriter(() => null);
  const transact: Transact = (transaction, until) => {
    sizes.push(transaction.then.reduce((sum, each) => sum + (each.kind === "put" ? each.json.length : 0), 0));
    return etcd.transact(transaction, until);
  };
  const value = (bytes: number): string => JSON.stringify("x".repeat(bytes - 2));
  const parts = [400_000, 600_000, 1_200_000, 500_000, 40_000].map((bytes, index) => ({
    when: [],
    then: [write(index, value(bytes))],
  }));
  const results = await transactParts({ transact }, parts, signal);
  expect(results.every(({ outcome }) => outcome === "committed")).toBe(true);
  expect(sizes).toEqual([1_040_000, 1_200_000, 500_000]);
});

test("nothing is sent where there is nothing to write", async () => {
  const writer = failingWriter(() => null);
  expect(await transactParts(writer, [], signal)).toEqual([]);
  expect(writer.calls()).toBe(0);
});

test.skipIf(findEtcd() === null)(
  `parts whose replies are lost are written once each, and said to be (${HOW_TO_GET_ETCD})`,
  { timeout: 60_000 },
  async () => {
    await using server = await startEtcd();
    await using proxy = await FaultProxy.start(server.url);
    const connect = (url: string) =>
      connectEtcd({ endpoints: [url], tls: null, prefix: "/quarterdeck/", callTimeoutMs: 20_000 }, signal);
    await using client = await connect(proxy.url);
    await using healthy = await connect(server.url);
    const schema = z.object({ number: z.number() });
    const parts = Array.from({ length: 500 }, (_, index): Part => {
      const operation = write(index, JSON.stringify({ number: index }));
      return { when: [absent(operation)], then: [operation], unique: true };
    });
    const first = write(-1);
    await client.transact({ when: [], then: [first] }, signal);

    proxy.loseReplies();
    const working = transactParts(client, parts, signal);
    working.catch(() => {});
    const range = { path: "many/", segments: ["many", null], schema };
    const count = async () => (await healthy.list(range, signal)).entries.length;
    await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(100);
    proxy.heal();
    proxy.cut();

    const results = await working;
    const { entries } = await healthy.list(range, signal);
    for (const { path, value, createRevision, modRevision } of entries) {
      expect(results[value.number], path).toEqual({ outcome: "committed", revision: createRevision });
      expect(modRevision, path).toBe(createRevision);
    }
    expect(entries.length).toBe(parts.length);
  },
);
