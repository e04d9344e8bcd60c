import { Etcd3 } from "etcd3";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { GrpcRelay } from "../testing/grpc-relay.ts";

const signal = AbortSignal.timeout(60_000);
const auth = { username: "root", password: "secret" };

describe.skipIf(findEtcd() === null)(`defect 14: an invalid token (${HOW_TO_GET_ETCD})`, { timeout: 40_000 }, () => {
  test("etcd3 asks for another token again and again and never gives up; ours says once that it was refused", async () => {
    await using server = await startEtcd();
    await etcdctl(server, "user", "add", `${auth.username}:${auth.password}`);
    await etcdctl(server, "user", "grant-role", "root", "root");
    await etcdctl(server, "auth", "enable");
    using relay = await GrpcRelay.start(server.url, { token: "worn.out" });
    {
      await using client = await connectEtcd({ endpoints: [relay.url], tls: null, prefix: "/quarterdeck/" }, signal);
      const refusal = { code: "ETCD_FORBIDDEN", problem: { why: "etcd: invalid auth token" } };
      await expect(client.get(keys.epoch(), signal)).rejects.toMatchObject(refusal);
      expect([relay.count("range"), relay.count("authenticate")]).toEqual([1, 0]);
    }

    using stack = new DisposableStack();
    const bare = stack.adopt(new Etcd3({ hosts: relay.url, auth }), (etcd3) => etcd3.close());
    let answered = false;
    const theirs = bare
      .get("/quarterdeck/epoch")
      .string()
      .catch(() => null)
      .finally(() => (answered = true));
    // Three tries would be its own limit, were this a failure like another.
    await expect.poll(() => relay.count("range"), { timeout: 20_000 }).toBeGreaterThan(20);
    expect([answered, relay.count("authenticate") > 10]).toEqual([false, true]);
    bare.close();
    await theirs;
  });
});
