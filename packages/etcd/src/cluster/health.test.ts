import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { startEtcdCluster, type EtcdCluster } from "../testing/etcd-cluster.ts";
import { freePort, startEtcd } from "../testing/etcd-server.ts";
import { findEtcds, findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { maintainEtcd } from "./maintain-etcd.ts";

const signal = AbortSignal.timeout(120_000);
const connect = (endpoints: readonly string[]) =>
  connectEtcd({ endpoints, tls: null, prefix: "/quarterdeck/", callTimeoutMs: 2_500 }, signal);

describe.skipIf(findEtcd() === null).each(findEtcds().map(({ version, directory }) => ({ version, directory })))(
  `one etcd $version (${HOW_TO_GET_ETCD})`,
  { timeout: 60_000 },
  ({ version, directory }) => {
    test("tells its name, version, size, leader and clock", async () => {
      await using server = await startEtcd({ binaries: directory });
      await using client = await connect([server.url]);
      const [member, ...others] = await client.health(signal);
      expect(others).toEqual([]);
      expect(member).toMatchObject({
        name: "m1",
        endpoint: server.url,
        failedAt: null,
        healthy: true,
        hasLeader: true,
        leader: true,
        version,
        alarms: [],
        problem: null,
        clockDifferenceMs: 0,
        id: expect.stringMatching(/^[0-9a-f]+$/),
      });
      expect(member?.databaseBytes).toBeGreaterThan(0);
      expect(Date.now() - (member?.answeredAt ?? 0)).toBeLessThan(10_000);
    });

    test("that is full says NOSPACE, refuses writes in one line, and is well again after maintenance", async () => {
      await using server = await startEtcd({ binaries: directory, quotaBytes: 400_000 });
      await using client = await connect([server.url]);
      const write = async (): Promise<unknown> => {
        for (;;) await client.raw.put("/big", "x".repeat(100_000), signal);
      };
      await expect(write()).rejects.toMatchObject({
        code: "FAILED",
        message: `cannot write /big: the database of etcd at ${server.url} is full (alarm NOSPACE)`,
      });
      expect(await client.health(signal)).toMatchObject([
        { healthy: false, hasLeader: true, alarms: ["NOSPACE"], problem: { code: "FAILED" } },
      ]);
      const over = new AbortController();
      const kinds: string[] = [];
      for await (const event of maintainEtcd({ endpoints: [server.url], tls: null }, {}, over.signal)) {
        kinds.push(event.kind === "done" ? event.step.kind : event.kind);
        if (kinds.at(-1) === "disarm" || event.kind !== "done") over.abort();
      }
      expect(kinds).toEqual(["compact", "defragment", "disarm"]);
      expect(await client.health(signal)).toMatchObject([{ healthy: true, alarms: [], problem: null }]);
      await client.raw.put("/big", "small", signal);
    });
  },
);

describe.skipIf(findEtcd() === null)(`three members (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  let cluster: EtcdCluster;
  beforeAll(async () => {
    // Whom the machine lets wait must not lose the lead for it: who is maintained last is asked below.
    cluster = await startEtcdCluster({ electionMs: 3_000 });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  test("are all told of, though one endpoint was given, and one of them leads", async () => {
    await using client = await connect(cluster.endpoints.slice(0, 1));
    // Members that have only just found each other may still vote.
    await expect
      .poll(async () => (await client.health(signal)).map(({ name, healthy }) => [name, healthy]), { timeout: 20_000 })
      .toEqual([
        ["m1", true],
        ["m2", true],
        ["m3", true],
      ]);
    expect((await client.health(signal)).filter(({ leader }) => leader === true)).toHaveLength(1);
  });

  test("are maintained in turn, the leader last, and history older than the window goes", async () => {
    await using client = await connect(cluster.endpoints);
    for (let at = 0; at < 20; at += 1) await client.raw.put("/key", "x".repeat(50_000), signal);
    const leader = (await client.health(signal)).find((member) => member.leader === true)?.endpoint;
    const over = new AbortController();
    const options = { everyMs: 100, keepMs: 0, wasteBytes: 100_000 };
    const done: string[] = [];
    // A member counts its free pages when it writes.
    let written = Promise.resolve();
    const writing = setInterval(() => {
      written = client.raw.put("/tick", String(done.length), signal);
    }, 50);
    for await (const event of maintainEtcd({ endpoints: cluster.endpoints, tls: null }, options, over.signal)) {
      if (event.kind !== "done") throw new Error(event.kind);
      if (event.step.kind === "defragment") done.push(event.step.endpoint);
      else if (done.length === 0) done.push(event.step.kind);
      if (done.length === 4) over.abort();
    }
    clearInterval(writing);
    await written;
    expect(done[0]).toBe("compact");
    expect(done.slice(1).toSorted()).toEqual(cluster.endpoints.toSorted());
    expect(done[3]).toBe(leader);
  });

  test("without a majority say so, each for itself, and calls are refused with that reason", async () => {
    await cluster.members[1]?.kill();
    await cluster.members[2]?.kill();
    await using client = await connect(cluster.endpoints);
    const alone = () => client.health(signal);
    await expect.poll(async () => (await alone())[0]?.hasLeader, { timeout: 20_000 }).toBe(false);
    expect(await alone()).toMatchObject([
      { name: "m1", failedAt: null, healthy: false, problem: { message: expect.stringContaining("has no leader") } },
      { name: "m2", failedAt: "tcp", problem: { message: expect.stringContaining("is not there") } },
      { name: "m3", failedAt: "tcp" },
    ]);
    await expect(client.raw.get("/key", signal)).rejects.toMatchObject({
      code: "ETCD_UNREACHABLE",
      message: expect.stringContaining(`etcd at ${cluster.endpoints[0]} has no leader`),
      problem: { why: expect.stringContaining("ECONNREFUSED") },
    });
  });
});

test("what is there and no etcd, and what is not there, is said", async () => {
  const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const nobody = `http://127.0.0.1:${await freePort()}`;
  await using client = await connect([url, nobody]);
  const members = await client.health(signal);
  expect(members.find(({ endpoint }) => endpoint === url)).toMatchObject({
    failedAt: "etcd",
    problem: { message: `what answers at ${url} is not etcd (HTTP 200)` },
  });
  expect(members.find(({ endpoint }) => endpoint === nobody)).toMatchObject({
    failedAt: "tcp",
    problem: { code: "ETCD_UNREACHABLE", message: `etcd at ${nobody} is not there: nothing listens (ECONNREFUSED)` },
  });
  server.close();
});

test("an answer that was long on its way says nothing against the clock of who gave it", async () => {
  const server = createServer((_, response) => {
    response.setHeader("date", new Date(Date.now()).toUTCString());
    setTimeout(() => response.end("hello"), 1_200);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  await using client = await connect([`http://127.0.0.1:${(server.address() as AddressInfo).port}`]);
  expect(await client.health(signal)).toMatchObject([{ failedAt: "etcd", clockDifferenceMs: 0 }]);
  server.close();
});
