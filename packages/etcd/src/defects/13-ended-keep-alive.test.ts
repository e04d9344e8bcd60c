import { Etcd3 } from "etcd3";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { GrpcRelay } from "../testing/grpc-relay.ts";

const signal = AbortSignal.timeout(60_000);
const TTL_SECONDS = 4;

describe.skipIf(findEtcd() === null)(
  `defect 13: a keep-alive stream that was ended in good order (${HOW_TO_GET_ETCD})`,
  { timeout: 30_000 },
  () => {
    test("etcd3 does not see its end; ours opens another one at once, and keeps its lease over five of them", async () => {
      await using server = await startEtcd();
      using forTheirs = await GrpcRelay.start(server.url, { keepAliveAnswers: 1 });
      using forOurs = await GrpcRelay.start(server.url, { keepAliveAnswers: 1 });
      using stack = new DisposableStack();
      const bare = stack.adopt(new Etcd3({ hosts: forTheirs.url }), (etcd3) => etcd3.close());
      const theirs = bare.lease(TTL_SECONDS);
      let failures = 0;
      theirs.on("keepaliveFailed", () => (failures += 1));
      await theirs.grant();
      await using client = await connectEtcd({ endpoints: [forOurs.url], tls: null, prefix: "/quarterdeck/" }, signal);
      const grantedAt = performance.now();
      await using ours = await client.grantLease({ ttlSeconds: TTL_SECONDS }, signal);
      await expect.poll(() => forOurs.count("leaseKeepAlive"), { timeout: 10_000, interval: 10 }).toBe(2);
      // The first question is due after a third of the TTL, and its answer ends the stream.
      expect(performance.now() - grantedAt).toBeLessThan((TTL_SECONDS * 1_000) / 2);
      // By now etcd3 has asked again, into the void.
      await expect.poll(() => forOurs.count("leaseKeepAlive"), { timeout: 10_000, interval: 10 }).toBe(3);
      expect([failures, forTheirs.count("leaseKeepAlive")]).toEqual([0, 1]);
      await expect.poll(() => forOurs.count("leaseKeepAlive"), { timeout: 20_000 }).toBe(6);
      expect(performance.now() - grantedAt).toBeGreaterThan(TTL_SECONDS * 1_000);
      expect(ours.lost.aborted).toBe(false);
    });
  },
);
