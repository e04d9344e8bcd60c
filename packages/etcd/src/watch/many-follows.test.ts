import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { EtcdClient, FollowEvent } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { put } from "../transaction/operation.ts";

const signal = AbortSignal.timeout(120_000);
const connect = (url: string) => connectEtcd({ endpoints: [url], tls: null, prefix: "/quarterdeck/" }, signal);

describe.skipIf(findEtcd() === null)(`many follows (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  test("ten thousand follows opened and closed leave streams, watches, listeners and memory where they were", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    await using standing = await client.mirror(["standing/"], signal);
    const stop = new AbortController();
    const round = async (from: number, count: number): Promise<void> => {
      // Half of them follow the same, half something of their own.
      const paths = Array.from({ length: count }, (_, index) => (index % 2 === 0 ? "same/" : `own/${from + index}/`));
      const open = paths.map((path) => client.follow([path], {}, stop.signal)[Symbol.asyncIterator]());
      const first = await Promise.all(open.map((each) => each.next()));
      expect(first.every(({ value }) => (value as FollowEvent).kind === "reset")).toBe(true);
      await Promise.all(open.map(async (each) => each.return?.()));
    };
    await round(0, 1_000);
    const before = await measure(server.url);
    for (let from = 1_000; from < 11_000; from += 2_500) await round(from, 2_500);
    await expect.poll(() => watchesOf(server.url), { timeout: 10_000 }).toEqual({ streams: 1, watchers: 1 });
    const after = await measure(server.url);
    expect(after.streams).toBe(before.streams);
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
    expect(getEventListeners(signal, "abort").length).toBeLessThan(20);
    // A follow that stayed would cost a kilobyte or more: ten megabytes.
    expect(after.heapMiB - before.heapMiB).toBeLessThan(4);
    const { revision } = await write(client, "standing/a");
    for await (const _ of standing.changes(signal)) if (standing.revision >= revision) break;
  });

  test("a thousand followers of the same cost etcd one watch and one read, and each sees every change", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    await write(client, "same/a");
    const readsBefore = await rangesOf(server.url);
    const stop = new AbortController();
    const counts = new Map<number, number>();
    const readers = Array.from({ length: 1_000 }, async (_, reader) => {
      for await (const event of client.follow(["same/"], {}, stop.signal))
        counts.set(
          reader,
          (counts.get(reader) ?? 0) + (event.kind === "reset" ? [...keysOf(event)].length : event.changes.length),
        );
    });
    await expect.poll(() => counts.size).toBe(1_000);
    expect(await watchesOf(server.url)).toEqual({ streams: 1, watchers: 1 });
    expect((await rangesOf(server.url)) - readsBefore).toBeLessThan(5);
    await write(client, "same/b");
    await expect.poll(() => [...counts.values()].every((count) => count === 2)).toBe(true);
    stop.abort();
    await Promise.all(readers);
  });

  test("who joins late starts from a snapshot of its own and goes on with the others", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    await using early = await client.mirror(["same/"], signal);
    for (let turn = 0; turn < 30; turn += 1) {
      const { revision } = await write(client, `same/${turn}`);
      const late = await client.mirror(["same/"], signal);
      expect(late.revision).toBeGreaterThanOrEqual(revision);
      expect(late.list(same).length).toBe(turn + 1);
      await late[Symbol.asyncDispose]();
    }
    for await (const _ of early.changes(signal)) if (early.list(same).length === 30) break;
    expect(await watchesOf(server.url)).toEqual({ streams: 1, watchers: 1 });
  });
});

const same = { path: "same/", segments: ["same", null], schema: z.string() };

function* keysOf(event: Extract<FollowEvent, { kind: "reset" }>): Iterable<string> {
  for (const { path } of event.snapshot.list(same)) yield path;
}

const write = (client: EtcdClient, path: string) =>
  client.transact({ when: [], then: [put({ path, schema: z.string() }, "1")] }, signal);

async function measure(url: string): Promise<{ readonly heapMiB: number; readonly streams: number }> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  await expect.poll(async () => (await watchesOf(url)).watchers, { timeout: 10_000 }).toBe(1);
  collect();
  return { heapMiB: process.memoryUsage().heapUsed / 1024 / 1024, streams: (await watchesOf(url)).streams };
}

async function gauges(url: string): Promise<(name: string) => number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

async function watchesOf(url: string): Promise<{ readonly streams: number; readonly watchers: number }> {
  const gauge = await gauges(url);
  return {
    streams: gauge("etcd_debugging_mvcc_watch_stream_total"),
    watchers: gauge("etcd_debugging_mvcc_watcher_total"),
  };
}

async function rangesOf(url: string): Promise<number> {
  return (await gauges(url))("etcd_mvcc_range_total");
}
