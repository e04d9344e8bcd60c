import { beforeEach, describe, expect, test } from "vitest";
import type { EtcdClient, FollowEvent, Mirror } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcdCluster, type EtcdCluster } from "../testing/etcd-cluster.ts";
import { freePort, startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { put } from "../transaction/operation.ts";

const signal = AbortSignal.timeout(180_000);
const prefix = "/quarterdeck/";
const connect = (...endpoints: readonly string[]) => connectEtcd({ endpoints, tls: null, prefix }, signal);
const putEpoch = (client: EtcdClient, epoch: number) =>
  client.transact({ when: [], then: [put(keys.epoch(), { v: 1, epoch, released: true })] }, signal);

describe.skipIf(findEtcd() === null)(`following one etcd (${HOW_TO_GET_ETCD})`, { timeout: 30_000 }, () => {
  test("history that was compacted away gives a reset that says so, and everything after it", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    const { revision } = await putEpoch(client, 1);
    const last = await putEpoch(client, 2);
    await etcdctl(server, "compact", String(last.revision));
    const events: FollowEvent[] = [];
    for await (const event of client.follow(["epoch"], { from: revision }, signal)) {
      events.push(event);
      if (event.kind === "batch") break;
      expect(event.why).toMatch(/compacted/);
      expect(event.snapshot.get(keys.epoch())?.value.epoch).toBe(2);
      await putEpoch(client, 3);
    }
    expect(events.map((event) => event.kind)).toEqual(["reset", "batch"]);
  });

  test("a follower that is caught up outlives a compaction without a reset", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    await putEpoch(client, 1);
    await using mirror = await client.mirror(["epoch", "policy"], signal);
    const { revision } = await putEpoch(client, 2);
    await etcdctl(server, "compact", String(revision));
    await putEpoch(client, 3);
    expect(await resetsUntilEpoch(mirror, 3)).toBe(0);
  });

  test("an etcd that was killed and came back is followed on without a reset or a gap", async () => {
    const ports = { client: await freePort(), peer: await freePort() };
    const first = await startEtcd({ ports });
    await using client = await connect(first.url);
    await putEpoch(client, 1);
    await using mirror = await client.mirror(["epoch", "policy"], signal);
    await first.kill();
    await using second = await startEtcd({ ports, directory: first.directory });
    await etcdctl(second, "put", "/quarterdeck/epoch", '{"v":1,"epoch":2,"released":true}');
    expect(await resetsUntilEpoch(mirror, 2)).toBe(0);
  });

  test.each([
    { what: "another cluster", clusterToken: "another", why: /another cluster/ },
    { what: "a cluster whose history was taken back", clusterToken: "same", why: /went back/ },
  ])("$what at the same address gives a reset", async ({ clusterToken, why }) => {
    const ports = { client: await freePort(), peer: await freePort() };
    await using first = await startEtcd({ ports, clusterToken: "same" });
    await using client = await connect(first.url);
    for (let epoch = 1; epoch < 20; epoch += 1) await putEpoch(client, epoch);
    const stop = new AbortController();
    await using stack = new AsyncDisposableStack();
    for await (const event of client.follow(["epoch"], {}, AbortSignal.any([signal, stop.signal]))) {
      if (event.kind === "batch") expect.fail("a batch where a reset was due");
      if (event.why !== "start") {
        expect(event.why).toMatch(why);
        expect(event.snapshot.get(keys.epoch())).toBeNull();
        stop.abort();
        continue;
      }
      await first.kill();
      stack.use(await startEtcd({ ports, clusterToken }));
    }
  });

  test("many followers share one stream, and leave nothing behind", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    const mirrors: Mirror[] = [];
    for (let index = 0; index < 100; index += 1)
      mirrors.push(await client.mirror([`schedule/${index}/`, "epoch"], signal));
    expect(await watchesOf(server.url)).toEqual({ streams: 1, watchers: 200 });
    const { revision } = await putEpoch(client, 1);
    for (const mirror of mirrors) for await (const _ of mirror.changes(signal)) if (mirror.revision >= revision) break;
    for (const mirror of mirrors.slice(1)) await mirror[Symbol.asyncDispose]();
    await putEpoch(client, 2);
    expect(await resetsUntilEpoch(mirrors[0], 2)).toBe(0);
    expect(await watchesOf(server.url)).toEqual({ streams: 1, watchers: 2 });
    await mirrors[0]?.[Symbol.asyncDispose]();
    await expect.poll(() => watchesOf(server.url)).toEqual({ streams: 0, watchers: 0 });
  });

  test("an idle mirror knows that it is current", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    await using mirror = await client.mirror(["epoch"], signal);
    await expect.poll(() => mirror.ageMs(), { timeout: 10_000, interval: 20 }).toBeGreaterThan(1_500);
    await expect.poll(() => mirror.ageMs(), { timeout: 10_000, interval: 20 }).toBeLessThan(100);
    server.freeze();
    await expect.poll(() => mirror.ageMs(), { timeout: 10_000 }).toBeGreaterThan(3_000);
    server.thaw();
    await expect.poll(() => mirror.ageMs(), { timeout: 10_000, interval: 20 }).toBeLessThan(1_000);
  });
});

describe.skipIf(findEtcd() === null)(`following three members (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  let cluster: EtcdCluster;
  beforeEach(async () => {
    cluster = await startEtcdCluster();
    return () => cluster[Symbol.asyncDispose]();
  }, 30_000);

  test.each(["killed", "frozen"])(
    "when the member in use is %s another one takes over and nothing is missed",
    async (how) => {
      await using reader = await connect(...cluster.endpoints);
      await putEpoch(reader, 1);
      await using mirror = await reader.mirror(["epoch", "policy"], signal);
      // Asked of all before one goes: the follower moves on so fast that the next one in the list may be the one in use by then, and two
      // lost members are no quorum.
      const streams = await Promise.all(cluster.members.map(async (member) => (await watchesOf(member.url)).streams));
      const inUse = cluster.members[streams.findIndex((count) => count > 0)];
      expect(streams.filter((count) => count > 0)).toHaveLength(1);
      if (how === "killed") await inUse?.kill();
      else inUse?.freeze();
      await expect.poll(() => putEpochPatiently(cluster, 2), { timeout: 20_000 }).toBe(true);
      expect(await resetsUntilEpoch(mirror, 2)).toBe(0);
    },
  );
});

/** Writes over whichever member answers. */
async function putEpochPatiently(cluster: EtcdCluster, epoch: number): Promise<boolean> {
  await using client = await connect(...cluster.endpoints);
  return (await putEpoch(client, epoch)).committed;
}

async function resetsUntilEpoch(mirror: Mirror | undefined, epoch: number): Promise<number> {
  let resets = 0;
  if (mirror === undefined) return resets;
  for await (const { reset } of mirror.changes(signal)) {
    if (reset) resets += 1;
    if (mirror.get(keys.epoch())?.value.epoch === epoch) break;
  }
  return resets;
}

async function watchesOf(url: string): Promise<{ streams: number; watchers: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const gauge = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  return {
    streams: gauge("etcd_debugging_mvcc_watch_stream_total"),
    watchers: gauge("etcd_debugging_mvcc_watcher_total"),
  };
}
