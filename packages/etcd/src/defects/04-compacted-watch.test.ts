import { once } from "node:events";
import { Etcd3 } from "etcd3";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { telemetry, type ResetMessage } from "../telemetry.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { put } from "../transaction/operation.ts";

const signal = AbortSignal.timeout(60_000);

describe.skipIf(findEtcd() === null)(`defect 4: a compacted watch (${HOW_TO_GET_ETCD})`, { timeout: 30_000 }, () => {
  test("etcd3 says that the watch stands, then that it was cancelled, and not why; ours starts over and says why", async () => {
    await using server = await startEtcd();
    await using client = await connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
    const write = (epoch: number) =>
      client.transact({ when: [], then: [put(keys.epoch(), { v: 1, epoch, released: true })] }, signal);
    const { revision } = await write(1);
    await etcdctl(server, "compact", String((await write(2)).revision));

    using stack = new DisposableStack();
    const bare = stack.adopt(new Etcd3({ hosts: server.url }), (etcd3) => etcd3.close());
    const watcher = await bare.watch().key("/quarterdeck/epoch").startRevision(revision.toString()).create();
    const [error] = (await once(watcher, "error")) as [Error];
    expect(error.message).toBe("Watcher canceled: ");
    expect(error).not.toHaveProperty("compact_revision");

    const resets: ResetMessage[] = [];
    const count = (message: unknown): void => void resets.push(message as ResetMessage);
    telemetry.reset.subscribe(count);
    for await (const event of client.follow(["epoch"], { from: revision }, signal)) {
      if (event.kind === "batch") break;
      expect(event.why).toMatch(/^history before revision \d+ was compacted$/);
      expect(event.snapshot.get(keys.epoch())?.value.epoch).toBe(2);
      await write(3);
    }
    telemetry.reset.unsubscribe(count);
    expect(resets).toEqual([{ paths: ["epoch"], why: expect.stringContaining("compacted") }]);
  });
});
