import { once } from "node:events";
import { Etcd3 } from "etcd3";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { createRevisionIs } from "../transaction/condition.ts";
import { put } from "../transaction/operation.ts";

const signal = AbortSignal.timeout(60_000);
const TTL_SECONDS = 4;

describe.skipIf(findEtcd() === null)(`defect 8: two leaders (${HOW_TO_GET_ETCD})`, { timeout: 40_000 }, () => {
  test("etcd3 has two leaders at once, and the former one still writes; ours steps down first and is refused", async () => {
    await using server = await startEtcd();
    await using proxy = await FaultProxy.start(server.url);
    using stack = new DisposableStack();
    const [bareFirst, bareSecond] = [proxy.url, server.url].map((hosts) =>
      stack.adopt(new Etcd3({ hosts }), (etcd3) => etcd3.close()),
    ) as [Etcd3, Etcd3];
    await using first = await connect(proxy.url);
    await using second = await connect(server.url);
    const stand = (client: typeof first) =>
      client.campaign({ election: "engine/leader", value: {}, ttlSeconds: TTL_SECONDS }, signal);
    const happened: string[] = [];

    const theirFirst = bareFirst.election("engine", TTL_SECONDS).campaign("first");
    theirFirst.on("error", () => happened.push("etcd3: the first is over"));
    await once(theirFirst, "elected");
    const theirSecond = bareSecond.election("engine", TTL_SECONDS).campaign("second");
    const theirSecondLeads = once(theirSecond, "elected").then(() => happened.push("etcd3: the second leads"));
    const ourFirst = await stand(first);
    ourFirst.lost.addEventListener("abort", () => happened.push("ours: the first is over"));
    const ourSecondLeads = stand(second).then((term) => (happened.push("ours: the second leads"), term));
    const candidates = async () => (await second.raw.list("/quarterdeck/engine/leader/", signal)).length;
    await expect.poll(candidates).toBe(2);

    proxy.goDark();
    const [ourSecond] = await Promise.all([ourSecondLeads, theirSecondLeads]);
    expect(happened.filter((what) => what.startsWith("etcd3"))).toEqual(["etcd3: the second leads"]);
    expect(happened.filter((what) => what.startsWith("ours"))).toEqual([
      "ours: the first is over",
      "ours: the second leads",
    ]);

    proxy.heal();
    // The first tries may find the connection gone that was cut off.
    const writes = () => bareFirst.put("/deed").value("of the former leader").exec();
    await expect.poll(writes, { timeout: 15_000 }).toMatchObject({ header: {} });
    expect(await bareSecond.get("/deed").string()).toBe("of the former leader");
    const deed = { when: [], then: [put(keys.epoch(), { v: 1 as const, epoch: 1, released: true })] };
    await expect(ourFirst.transact(deed, signal)).rejects.toMatchObject({ code: "ETCD_FENCED" });
    // Nor would etcd have let it through, had the clock not known.
    await first.get(keys.epoch(), signal);
    const fence = createRevisionIs({ path: ourFirst.leaderKey }, ourFirst.fence);
    expect(await first.transact({ ...deed, when: [fence] }, signal)).toMatchObject({ committed: false });
    expect(await ourSecond.transact(deed, signal)).toMatchObject({ committed: true });
    await ourSecond.resign();
  });
});

const connect = (url: string) => connectEtcd({ endpoints: [url], tls: null, prefix: "/quarterdeck/" }, signal);
