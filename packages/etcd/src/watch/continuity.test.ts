import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Change, EtcdClient, FollowEvent } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import type { Key } from "../keyspace/key.ts";
import { keys } from "../keyspace/keys.ts";
import { freePort, startEtcd, type EtcdServer } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, findEtcds, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { put, remove } from "../transaction/operation.ts";

const signal = AbortSignal.timeout(120_000);
const connect = (...endpoints: readonly string[]) =>
  connectEtcd({ endpoints, tls: null, prefix: "/quarterdeck/" }, signal);
const putEpoch = (client: EtcdClient, epoch: number) =>
  client.transact({ when: [], then: [put(keys.epoch(), { v: 1, epoch, released: true })] }, signal);
const key = (path: string): Key<string> => ({ path, schema: z.string() });
const write = (client: EtcdClient, values: Readonly<Record<string, string>>) =>
  client.transact({ when: [], then: Object.entries(values).map(([path, value]) => put(key(path), value)) }, signal);

describe.skipIf(findEtcd() === null)(`continuity (${HOW_TO_GET_ETCD})`, { timeout: 40_000 }, () => {
  test("when the cluster is another one, each of several followers starts over and follows that one", async () => {
    const ports = { client: await freePort(), peer: await freePort() };
    await using first = await startEtcd({ ports, clusterToken: "one" });
    await using client = await connect(first.url);
    for (let epoch = 1; epoch < 20; epoch += 1) await putEpoch(client, epoch);
    const paths = ["epoch", "policy", "units/"];
    const mirrors = await Promise.all(paths.map((path) => client.mirror([path, "machines/"], signal)));
    const resets = mirrors.map(async (mirror) => {
      for await (const { reset } of mirror.changes(signal)) if (reset && mirror.revision < 10n) return;
    });
    await first.kill();
    await using second = await startEtcd({ ports, clusterToken: "two" });
    await Promise.all(resets);
    const { revision } = await write(client, { "machines/a": "1" });
    expect(revision).toBeLessThan(10n);
    for (const mirror of mirrors) {
      for await (const _ of mirror.changes(signal)) if (mirror.get(key("machines/a"))?.value === "1") break;
      await mirror[Symbol.asyncDispose]();
    }
    expect(second.url).toBe(first.url);
  });

  test("a restored cluster of the same id, whose revision has passed ours since, gives a reset", async () => {
    const ports = { client: await freePort(), peer: await freePort() };
    const scratch = await mkdtemp(join(tmpdir(), "quarterdeck-restore-"));
    await using first = await startEtcd({ ports });
    await using client = await connect(first.url);
    await putEpoch(client, 1);
    run(join(first.binaries, "etcdctl"), ["--endpoints", first.url, "snapshot", "save", join(scratch, "snapshot.db")]);
    for (let epoch = 100; epoch < 110; epoch += 1) await putEpoch(client, epoch);
    const stop = new AbortController();
    const events = client.follow(["epoch"], {}, AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ kind: "reset", why: "start" });

    await first.kill();
    restore(first, join(scratch, "snapshot.db"), { directory: scratch, peer: ports.peer });
    // On a port of its own, until its revision is past the one that is followed.
    const aside = { client: await freePort(), peer: ports.peer };
    const passing = await startEtcd({ ports: aside, directory: scratch });
    for (let epoch = 2; epoch < 60; epoch += 1)
      await etcdctl(passing, "put", "/quarterdeck/epoch", JSON.stringify({ v: 1, epoch, released: true }));
    await passing.kill();
    await using restored = await startEtcd({ ports, directory: scratch });
    const event = (await events.next()).value as FollowEvent;
    expect(event).toMatchObject({ kind: "reset", why: expect.stringContaining("was restored") });
    expect(event.kind === "reset" && event.snapshot.get(keys.epoch())?.value.epoch).toBe(59);
    stop.abort();
    expect(restored.url).toBe(first.url);
    await rm(scratch, { recursive: true, force: true });
  });

  test("one revision with more events than a message holds arrives whole and in one batch", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    const count = 12_000;
    // The keys alone are over 2 MB; deleting them is one revision.
    const paths = Array.from({ length: count }, (_, index) => `units/${"x".repeat(180)}-${index}`);
    for (let from = 0; from < count; from += 120)
      await write(client, Object.fromEntries(paths.slice(from, from + 120).map((path) => [path, "1"])));
    const stop = new AbortController();
    const batches: (readonly Change[])[] = [];
    for await (const event of client.follow(["units/"], {}, AbortSignal.any([signal, stop.signal]))) {
      if (event.kind === "reset") {
        await etcdctl(server, "del", "--prefix", "/quarterdeck/units/");
      } else {
        batches.push(event.changes);
        stop.abort();
      }
    }
    expect(batches.map((batch) => batch.length)).toEqual([count]);
    expect(new Set(batches[0]?.map(({ modRevision }) => modRevision)).size).toBe(1);
    expect(batches[0]?.every(({ json }) => json === null)).toBe(true);
  });

  test("a reader that is too slow gets a reset that says so, and misses nothing", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    const stop = new AbortController();
    const options = { maxPending: { keys: 50, bytes: 1_000_000 } };
    const whys: string[] = [];
    const seen = new Map<string, string>();
    for await (const event of client.follow(["units/"], options, AbortSignal.any([signal, stop.signal]))) {
      if (event.kind === "reset") {
        whys.push(event.why);
        seen.clear();
        for (const { path, value } of event.snapshot.list({
          path: "units/",
          segments: ["units", null],
          schema: z.string(),
        }))
          seen.set(path, value);
      } else {
        for (const { path, json } of event.changes) seen.set(path, JSON.parse(json ?? "null") as string);
      }
      if (whys.length === 1 && event.kind === "reset") {
        // While these are written the reader reads nothing; another follower of the same keys sees the last of them.
        const last = until(client, "units/99");
        for (let index = 0; index < 100; index += 1) await write(client, { [`units/${index}`]: `${index}` });
        await last;
      }
      if (seen.size === 100) stop.abort();
    }
    expect(whys).toEqual(["start", "the reader was too slow for the changes"]);
    expect(seen.get("units/42")).toBe("42");
  });
});

describe.each(findEtcds())("following several prefixes of etcd $version", { timeout: 40_000 }, ({ directory }) => {
  test("no transaction is seen by halves and none is missed, however fast they come", async () => {
    await using server = await startEtcd({ binaries: directory });
    await using client = await connect(server.url);
    await using writer = await connect(server.url);
    const stop = new AbortController();
    const writes = 1_500;
    let written: Promise<unknown> = Promise.resolve();
    let batches = 0;
    const seen = new Set<string>();
    for await (const event of client.follow(["a/", "b/"], {}, AbortSignal.any([signal, stop.signal]))) {
      if (event.kind === "reset") {
        expect(event.why).toBe("start");
        written = Promise.all(
          Array.from({ length: 6 }, async (_, lane) => {
            for (let turn = 0; turn < writes / 6; turn += 1)
              await write(writer, { [`a/${lane}.${turn}`]: "1", [`b/${lane}.${turn}`]: "1" });
          }),
        );
        continue;
      }
      batches += 1;
      const names = event.changes.map(({ path }) => path);
      for (const name of names) {
        seen.add(name);
        expect(names).toContain(name.startsWith("a/") ? `b/${name.slice(2)}` : `a/${name.slice(2)}`);
      }
      if (seen.size === 2 * writes) stop.abort();
    }
    await written;
    expect(batches).toBeGreaterThan(1);
  });

  test("a follower that goes on from a revision gets all of the history, once", async () => {
    await using server = await startEtcd({ binaries: directory });
    await using client = await connect(server.url);
    const { revision } = await write(client, { "a/0": "0" });
    for (let index = 1; index <= 50; index += 1) await write(client, { [`a/${index}`]: "1", [`b/${index}`]: "1" });
    await client.transact({ when: [], then: [remove({ path: "a/1" }), put(key("b/1"), "2")] }, signal);
    const found = new Map<string, number>();
    for await (const event of client.follow(["a/", "b/"], { from: revision }, signal)) {
      if (event.kind === "reset") expect.fail("a reset where nothing was lost");
      for (const { path } of event.changes) found.set(path, (found.get(path) ?? 0) + 1);
      if (found.size === 100 && event.changes.some(({ json }) => json === null)) break;
    }
    expect([...found.values()].every((times) => times <= 2)).toBe(true);
    expect(found.has("a/0")).toBe(false);
  });
});

async function until(client: EtcdClient, path: string): Promise<void> {
  await using mirror = await client.mirror(["units/"], signal);
  for await (const _ of mirror.changes(signal)) if (mirror.get(key(path)) !== null) return;
}

/** As an operator does it: same name, same token, same peer, so the same cluster id. */
function restore(server: EtcdServer, file: string, to: { readonly directory: string; readonly peer: number }): void {
  const etcdutl = join(server.binaries, "etcdutl");
  const tool = existsSync(etcdutl) ? etcdutl : join(server.binaries, "etcdctl");
  const peer = `http://127.0.0.1:${to.peer}`;
  const args = ["snapshot", "restore", file, "--data-dir", join(to.directory, "data"), "--name", "m1"];
  args.push("--initial-cluster", `m1=${peer}`, "--initial-advertise-peer-urls", peer);
  args.push("--initial-cluster-token", "quarterdeck-test");
  run(tool, args);
}

/** Both tools talk a lot on stderr. */
function run(tool: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(tool, args, { encoding: "utf8", env: { ...process.env, ETCDCTL_API: "3" } });
  if (status !== 0) throw new Error(stderr);
}
