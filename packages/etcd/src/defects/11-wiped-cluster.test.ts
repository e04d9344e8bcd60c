import { once } from "node:events";
import { ConstantBackoff } from "cockatiel";
import { Etcd3 } from "etcd3";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { freePort, startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";

const signal = AbortSignal.timeout(60_000);

describe.skipIf(findEtcd() === null)(`defect 11: a wiped cluster (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  test("etcd3 asks for a revision of the future and stays mute; ours starts over from what is there", async () => {
    const ports = { client: await freePort(), peer: await freePort() };
    await using first = await startEtcd({ ports });
    const write = (epoch: number) =>
      etcdctl(first, "put", "/quarterdeck/epoch", JSON.stringify({ v: 1, epoch, released: true }));
    using stack = new DisposableStack();
    // By itself it might wait for half a minute before it tries again (defect 12).
    const faultHandling = { watchBackoff: new ConstantBackoff(200) as never };
    const bare = stack.adopt(new Etcd3({ hosts: first.url, faultHandling }), (etcd3) => etcd3.close());
    const watcher = await bare.watch().key("/quarterdeck/epoch").create();
    const heard: string[] = [];
    watcher.on("put", ({ value }) => heard.push(value.toString()));
    await using client = await connectEtcd({ endpoints: [first.url], tls: null, prefix: "/quarterdeck/" }, signal);
    await using mirror = await client.mirror(["epoch"], signal);
    for (let epoch = 1; epoch <= 20; epoch += 1) await write(epoch);
    await expect.poll(() => heard.length).toBe(20);

    await first.kill();
    const back = once(watcher, "connected");
    await using wiped = await startEtcd({ ports });
    await back;
    // It may have started over before etcd3 found its way back.
    for await (const _ of mirror.changes(signal)) if (mirror.get(keys.epoch()) === null) break;
    await write(21);
    for await (const _ of mirror.changes(signal)) if (mirror.get(keys.epoch())?.value.epoch === 21) break;
    const fresh = await bare.watch().key("/quarterdeck/epoch").create();
    const told = new Promise((resolve) => fresh.on("put", resolve));
    await write(22);
    await told;
    expect(heard.length).toBe(20);
    expect(wiped.url).toBe(first.url);
  });
});
