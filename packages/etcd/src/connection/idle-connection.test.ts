import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { keys } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { connectEtcd } from "./connect-etcd.ts";

const signal = AbortSignal.timeout(90_000);
/** With pings every ten seconds etcd used to close the connection after the third or fourth. */
const IDLE_MS = 45_000;

describe.skipIf(findEtcd() === null)(`an idle connection (${HOW_TO_GET_ETCD})`, { timeout: 90_000 }, () => {
  test("is not closed by etcd for pings that it does not allow while nothing goes over it", async () => {
    await using server = await startEtcd();
    await using proxy = await FaultProxy.start(server.url);
    await using client = await connectEtcd({ endpoints: [proxy.url], tls: null, prefix: "/quarterdeck/" }, signal);
    await client.get(keys.epoch(), signal);
    await wait(IDLE_MS);
    await client.get(keys.epoch(), signal);
    expect(proxy.joined).toBe(1);
  });
});
