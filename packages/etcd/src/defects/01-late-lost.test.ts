import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { Etcd3 } from "etcd3";
import { LeaseState } from "etcd3/lib/lease.js";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { put } from "../transaction/operation.ts";

const signal = AbortSignal.timeout(60_000);
const TTL_SECONDS = 4;
const connect = (url: string) => connectEtcd({ endpoints: [url], tls: null, prefix: "/quarterdeck/" }, signal);

describe.skipIf(findEtcd() === null)(
  `defect 1: a lease that is lost too late (${HOW_TO_GET_ETCD})`,
  { timeout: 40_000, concurrent: true },
  () => {
    test("cut off: etcd has ended both leases, and etcd3 still believes in its own; ours was lost before", async () => {
      await using server = await startEtcd();
      await using proxy = await FaultProxy.start(server.url);
      await using witness = await connect(server.url);
      await using client = await connect(proxy.url);
      using stack = new DisposableStack();
      const bare = stack.adopt(new Etcd3({ hosts: proxy.url }), (etcd3) => etcd3.close());
      const theirs = bare.lease(TTL_SECONDS);
      await theirs.put("/theirs").value("held");
      const ours = await client.grantLease({ ttlSeconds: TTL_SECONDS }, signal);
      await client.transact(
        { when: [], then: [put(keys.epoch(), { v: 1, epoch: 1, released: true }, { lease: ours.id })] },
        signal,
      );

      proxy.goDark();
      await once(ours.lost, "abort");
      expect(await witness.get(keys.epoch(), signal), "etcd had ended our lease first").not.toBeNull();
      await expect.poll(() => witness.raw.get("/theirs", signal), { timeout: 20_000 }).toBeNull();
      expect(theirs.state).toBe(LeaseState.Alive);
      await ours.detach();
    });

    test("etcd frozen: etcd3 believes in its lease for longer than a TTL without a word; ours is over by then", async () => {
      await using server = await startEtcd();
      await using client = await connect(server.url);
      using stack = new DisposableStack();
      const bare = stack.adopt(new Etcd3({ hosts: server.url }), (etcd3) => etcd3.close());
      const theirs = bare.lease(TTL_SECONDS);
      await theirs.grant();
      const ours = await client.grantLease({ ttlSeconds: TTL_SECONDS }, signal);
      server.freeze();
      const ttlOver = wait(TTL_SECONDS * 1_000);
      await Promise.race([ttlOver, once(ours.lost, "abort")]);
      expect(ours.lost.aborted).toBe(true);
      await ttlOver;
      expect(theirs.state).toBe(LeaseState.Alive);
      server.thaw();
    });
  },
);
