import { Etcd3 } from "etcd3";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";

const signal = AbortSignal.timeout(60_000);
// Long enough for a good answer on a busy machine.
const DEADLINE_MS = 2_000;

describe.skipIf(findEtcd() === null)(`defect 15: the breaker (${HOW_TO_GET_ETCD})`, { timeout: 30_000 }, () => {
  test("etcd3 makes an outage of a pause; ours goes on as soon as etcd does", async () => {
    await using server = await startEtcd();
    using stack = new DisposableStack();
    const bare = stack.adopt(new Etcd3({ hosts: server.url }), (etcd3) => etcd3.close());
    const options = { endpoints: [server.url], tls: null, prefix: "/quarterdeck/", callTimeoutMs: DEADLINE_MS };
    await using client = await connectEtcd(options, signal);
    await using witness = await connectEtcd({ ...options, callTimeoutMs: 5_000 }, signal);
    await Promise.all([bare.get("/x").exec(), client.get(keys.epoch(), signal)]);

    server.freeze();
    const deadline = Date.now() + DEADLINE_MS;
    await Promise.all([
      expect(bare.get("/x").options({ deadline }).exec()).rejects.toThrow(/deadline/i),
      expect(client.get(keys.epoch(), signal)).rejects.toMatchObject({ code: "ETCD_TIMEOUT" }),
    ]);
    server.thaw();
    await witness.get(keys.epoch(), signal);
    await expect(bare.get("/x").exec()).rejects.toMatchObject({ isBrokenCircuitError: true });
    expect(await client.get(keys.epoch(), signal)).toBeNull();
  });
});
