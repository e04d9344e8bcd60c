import { Etcd3 } from "etcd3";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { outcomeWithin } from "../testing/outcome-within.ts";

const signal = AbortSignal.timeout(60_000);

describe.skipIf(findEtcd() === null)(
  `defect 6: a half-open connection (${HOW_TO_GET_ETCD})`,
  { timeout: 50_000 },
  () => {
    test("etcd3 waits for ever on a connection that the network forgot; ours makes another one", async () => {
      await using server = await startEtcd();
      await using proxy = await FaultProxy.start(server.url);
      const write = (epoch: number) =>
        etcdctl(server, "put", "/quarterdeck/epoch", JSON.stringify({ v: 1, epoch, released: true }));
      using stack = new DisposableStack();
      const bare = stack.adopt(new Etcd3({ hosts: proxy.url }), (etcd3) => etcd3.close());
      const watcher = await bare.watch().key("/quarterdeck/epoch").create();
      const heard: string[] = [];
      watcher.on("put", ({ value }) => heard.push(value.toString()));
      watcher.on("disconnected", () => heard.push("disconnected"));
      watcher.on("error", ({ message }) => heard.push(message));
      await using client = await connectEtcd({ endpoints: [proxy.url], tls: null, prefix: "/quarterdeck/" }, signal);
      await using mirror = await client.mirror(["epoch"], signal);
      await write(1);
      for await (const _ of mirror.changes(signal)) if (mirror.get(keys.epoch()) !== null) break;
      await expect.poll(() => heard.length).toBe(1);
      expect(await bare.get("/quarterdeck/epoch").string()).toContain("1");

      proxy.strand();
      await write(2);
      const theirs = bare.get("/quarterdeck/epoch").string();
      // A ping after 10 s of silence at most, 3 s for its answer, and the time to connect.
      for await (const _ of mirror.changes(signal)) if (mirror.get(keys.epoch())?.value.epoch === 2) break;
      expect((await client.get(keys.epoch(), signal))?.value.epoch).toBe(2);
      expect(await outcomeWithin(theirs, 500)).toBe("hangs");
      expect(heard.length).toBe(1);
    });
  },
);
