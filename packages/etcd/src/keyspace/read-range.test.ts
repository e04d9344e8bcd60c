import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { EtcdClient } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { Endpoints } from "../connection/endpoints.ts";
import { startEtcd, type EtcdServer } from "../testing/etcd-server.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { put } from "../transaction/operation.ts";
import type { Key, KeyRange } from "./key.ts";
import { readSpans, spanOf } from "./read-range.ts";

const signal = AbortSignal.timeout(120_000);
const prefix = "/quarterdeck/";
const key = (path: string): Key<string> => ({ path, schema: z.string() });
const range = (path: string): KeyRange<string> => ({ path, segments: [path.slice(0, -1), null], schema: z.string() });

describe.skipIf(findEtcd() === null)(`reading much (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  let server: EtcdServer;
  let client: EtcdClient;
  beforeAll(async () => {
    server = await startEtcd();
    client = await connectEtcd({ endpoints: [server.url], tls: null, prefix }, signal);
  });
  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const write = (values: readonly (readonly [string, string])[]) =>
    client.transact({ when: [], then: values.map(([path, value]) => put(key(path), value)) }, signal);

  /** Counts the pages and their bytes; `before` may do something before each. */
  function watched(before: (page: number) => Promise<unknown>) {
    const endpoints = new Endpoints({ endpoints: [server.url], tls: null, prefix }, null);
    const endpoint = endpoints.current;
    const call = endpoint.call.bind(endpoint);
    const pages: { readonly keys: number; readonly bytes: number }[] = [];
    endpoint.call = async (name, request, timeoutMs, until) => {
      if (name === "range") await before(pages.length);
      const answer = await call(name, request, timeoutMs, until);
      if (name === "range" && "kvs" in answer)
        pages.push({ keys: answer.kvs.length, bytes: answer.kvs.reduce((sum, kv) => sum + kv.value.length, 0) });
      return answer;
    };
    return { endpoints, pages, [Symbol.dispose]: () => endpoints.close() };
  }

  test("a hundred thousand keys are read at one revision, in order", async () => {
    const paths = Array.from({ length: 100_000 }, (_, index) => `many/${String(index).padStart(6, "0")}`);
    const lanes = Array.from({ length: 16 }, (_, lane) => lane);
    await Promise.all(
      lanes.map(async (lane) => {
        for (let from = lane * 128; from < paths.length; from += 16 * 128)
          await write(paths.slice(from, from + 128).map((path) => [path, "x".repeat(60)]));
      }),
    );
    const snapshot = await client.snapshot(["many/"], signal);
    const listed = snapshot.list(range("many/"));
    expect(listed.map((entry) => entry.path)).toEqual(paths);
    expect(listed.every((entry) => entry.modRevision <= snapshot.revision)).toBe(true);
  });

  test("pages get smaller where values get larger, and larger again", async () => {
    const values: (readonly [string, string])[] = [];
    for (let index = 0; index < 300; index += 1) values.push([`mixed/a${String(index).padStart(4, "0")}`, "x"]);
    for (let index = 0; index < 40; index += 1)
      values.push([`mixed/b${String(index).padStart(4, "0")}`, "x".repeat(1_000_000)]);
    for (let index = 0; index < 600; index += 1) values.push([`mixed/c${String(index).padStart(4, "0")}`, "x"]);
    for (let from = 0; from < 300; from += 100) await write(values.slice(from, from + 100));
    for (const value of values.slice(300, 340)) await write([value]);
    for (let from = 340; from < 940; from += 100) await write(values.slice(from, from + 100));
    using counted = watched(async () => {});
    const { values: read } = await readSpans(counted.endpoints, [spanOf(prefix, "mixed/")], signal);
    expect(read.map(({ path }) => path)).toEqual(values.map(([path]) => prefix + path));
    const large = counted.pages.filter(({ bytes }) => bytes > 3_000_000);
    expect(large.length).toBeLessThanOrEqual(1);
    expect(counted.pages.at(-1)?.keys).toBeGreaterThan(100);
  });

  test("a page that a channel does not take is asked for in smaller pieces", async () => {
    await write([["big/a", "x".repeat(1_400_000)]]);
    await write([["big/b", "x".repeat(1_400_000)]]);
    let refused = 0;
    using counted = watched(async () => {});
    const endpoint = counted.endpoints.current;
    const call = endpoint.call.bind(endpoint);
    endpoint.call = async (name, request, timeoutMs, until) => {
      const answer = await call(name, request, timeoutMs, until);
      if (name === "range" && "kvs" in answer && answer.kvs.length > 1) {
        refused += 1;
        throw Object.assign(new Error("too large"), { code: 8, details: "Received message larger than max" });
      }
      return answer;
    };
    const { values } = await readSpans(counted.endpoints, [spanOf(prefix, "big/")], signal);
    expect(values.map(({ json }) => json.length)).toEqual([1_400_002, 1_400_002]);
    expect(refused).toBeGreaterThan(0);
  });

  const compact = async (): Promise<void> => {
    const { revision } = await write([["touched", "1"]]);
    using other = watched(async () => {});
    await other.endpoints.current.call("compact", { revision: revision.toString() }, 5_000, signal);
  };

  test("a revision that is compacted away between two pages is left for a newer one", async () => {
    let compactions = 0;
    using counted = watched(async (page) => {
      if (page === 1 && compactions === 0) {
        compactions += 1;
        await compact();
      }
    });
    const { values } = await readSpans(counted.endpoints, [spanOf(prefix, "many/")], signal);
    expect(values.length).toBe(100_000);
    expect(compactions).toBe(1);
  });

  test("who compacts faster than anybody can read is named after five tries", async () => {
    using counted = watched(async (page) => {
      if (page > 0) await compact();
    });
    const reading = readSpans(counted.endpoints, [spanOf(prefix, "many/")], signal);
    await expect(reading).rejects.toMatchObject({
      code: "ETCD_COMPACTED",
      message: expect.stringContaining("compacted away 5 times"),
    });
  });
});
