import { Etcd3 } from "etcd3";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";

const signal = AbortSignal.timeout(60_000);

describe.skipIf(findEtcd() === null)(`defect 5: a swallowed error (${HOW_TO_GET_ETCD})`, { timeout: 30_000 }, () => {
  test("etcd3's watcher dies without a word where ours starts over", async () => {
    await using server = await startEtcd();
    await using proxy = await FaultProxy.start(server.url);
    const write = (epoch: number) =>
      etcdctl(server, "put", "/quarterdeck/epoch", JSON.stringify({ v: 1, epoch, released: true }));
    await write(1);

    using stack = new DisposableStack();
    const bare = stack.adopt(new Etcd3({ hosts: proxy.url }), (etcd3) => etcd3.close());
    const watcher = await bare.watch().key("/quarterdeck/epoch").create();
    const heard: string[] = [];
    watcher.on("put", ({ value }) => heard.push(value.toString()));
    // Nobody listens for errors, and yet the first one will not be thrown.
    expect(watcher.listenerCount("error")).toBe(1);
    await using client = await connectEtcd({ endpoints: [proxy.url], tls: null, prefix: "/quarterdeck/" }, signal);
    await using mirror = await client.mirror(["epoch"], signal);
    await write(2);
    for await (const _ of mirror.changes(signal)) if (mirror.get(keys.epoch())?.value.epoch === 2) break;
    await expect.poll(() => heard.length).toBe(1);

    // What both missed while they were cut off is compacted away.
    proxy.goDark();
    for (let epoch = 3; epoch < 6; epoch += 1) await write(epoch);
    const found = JSON.parse(await etcdctl(server, "get", "/quarterdeck/epoch", "-w", "json")) as {
      header: { revision: number };
    };
    await etcdctl(server, "compact", String(found.header.revision));
    proxy.cut();
    proxy.heal();

    let resets = 0;
    for await (const { reset } of mirror.changes(signal)) {
      if (reset) resets += 1;
      if (mirror.get(keys.epoch())?.value.epoch === 5) break;
    }
    expect(resets).toBe(1);
    // The error has come and was taken by a listener that nobody knows of.
    await expect.poll(() => watcher.listenerCount("error"), { timeout: 15_000 }).toBe(0);
    await write(6);
    for await (const _ of mirror.changes(signal)) if (mirror.get(keys.epoch())?.value.epoch === 6) break;
    const fresh = await bare.watch().key("/quarterdeck/epoch").create();
    const told = new Promise((resolve) => fresh.on("put", resolve));
    await write(7);
    await told;
    expect(heard.length).toBe(1);
  });
});
