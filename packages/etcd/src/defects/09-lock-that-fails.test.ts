import { once } from "node:events";
import { Etcd3, EtcdLockFailedError } from "etcd3";
import { describe, expect, test } from "vitest";
import type { EtcdClient } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { spawnEtcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";

const signal = AbortSignal.timeout(60_000);
const NAME = "/quarterdeck/locks/service:hello";

describe.skipIf(findEtcd() === null)(
  `defect 9: a lock that fails instead of waiting (${HOW_TO_GET_ETCD})`,
  { timeout: 30_000 },
  () => {
    test("etcd3 takes what etcdctl holds, and fails where it should wait; ours waits for etcdctl, and then for its turn", async () => {
      await using server = await startEtcd();
      await using client = await connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
      using stack = new DisposableStack();
      const bare = stack.adopt(new Etcd3({ hosts: server.url }), (etcd3) => etcd3.close());
      const holder = spawnEtcdctl(server, ["lock", NAME]);
      if (holder.stdout !== null) await once(holder.stdout, "data");

      const theirs = await bare.lock(NAME).acquire();
      await expect(bare.lock(NAME).acquire()).rejects.toThrow(EtcdLockFailedError);
      await theirs.release();

      const got: string[] = [];
      const first = acquire(client).then((held) => (got.push("first"), held));
      await expect.poll(() => waiting(client)).toBe(2);
      const second = acquire(client).then((held) => (got.push("second"), held));
      await expect.poll(() => waiting(client)).toBe(3);
      expect(got).toEqual([]);
      holder.kill("SIGINT");
      await (await first).resign();
      expect(got[0]).toBe("first");
      await (await second).resign();
      await expect.poll(() => waiting(client)).toBe(0);
    });
  },
);

/** The recipe of etcd's own locks is that of its elections. */
const acquire = (client: EtcdClient) =>
  client.campaign({ election: NAME.replace("/quarterdeck/", ""), value: {}, ttlSeconds: 10 }, signal);

/** Who holds the lock or waits for it. */
const waiting = async (client: EtcdClient) => (await client.raw.list(`${NAME}/`, signal)).length;
