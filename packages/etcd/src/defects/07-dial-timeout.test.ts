import { Etcd3 } from "etcd3";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { outcomeWithin } from "../testing/outcome-within.ts";

const signal = AbortSignal.timeout(60_000);
const TIMEOUT_MS = 500;

describe.skipIf(findEtcd() === null)(`defect 7: dialTimeout (${HOW_TO_GET_ETCD})`, { timeout: 40_000 }, () => {
  test("etcd3 takes a dialTimeout and hangs at a black hole all the same; ours gives up in time", async () => {
    await using server = await startEtcd();
    await using hole = await FaultProxy.start(server.url);
    hole.goDark();
    using stack = new DisposableStack();
    const bare = stack.adopt(new Etcd3({ hosts: hole.url, dialTimeout: TIMEOUT_MS }), (etcd3) => etcd3.close());
    const theirs = bare.get("/quarterdeck/epoch").string();
    const options = { endpoints: [hole.url], tls: null, prefix: "/quarterdeck/", callTimeoutMs: TIMEOUT_MS };
    await using client = await connectEtcd(options, signal);
    const ours = client.get(keys.epoch(), signal);
    expect(await outcomeWithin(ours, 8 * TIMEOUT_MS)).toBe("failed");
    await expect(ours).rejects.toMatchObject({ retryable: true, message: expect.stringContaining(hole.url) });
    expect(await outcomeWithin(theirs, 4 * TIMEOUT_MS)).toBe("hangs");
  });

  test("etcd3 hangs with a healthy endpoint beside the black hole; ours goes to that one", async () => {
    await using server = await startEtcd();
    await using hole = await FaultProxy.start(server.url);
    hole.goDark();
    using stack = new DisposableStack();
    const hosts = [hole.url, server.url];
    const bare = stack.adopt(new Etcd3({ hosts, dialTimeout: TIMEOUT_MS }), (etcd3) => etcd3.close());
    // Each call goes to one of both by chance: that all twenty miss the hole happens once in a million runs.
    const theirs = Promise.all(Array.from({ length: 20 }, () => bare.get("/quarterdeck/epoch").string()));
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => connectEtcd({ endpoints: hosts, tls: null, prefix: "/quarterdeck/" }, signal)),
    );
    // Half of them begin at the hole, which costs those 0.7 s.
    const ours = Promise.all(clients.map((client) => client.get(keys.epoch(), signal)));
    expect(await outcomeWithin(ours, 3_000)).toBe("done");
    expect(await outcomeWithin(theirs, 1_000)).toBe("hangs");
    for (const client of clients) await client[Symbol.asyncDispose]();
  });
});
