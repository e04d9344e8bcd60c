import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeEtcdContract } from "../testing/etcd-contract.ts";
import { startEtcd, type EtcdServer } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { connectEtcd } from "./connect-etcd.ts";

const signal = AbortSignal.timeout(120_000);

describe.skipIf(findEtcd() === null)(`against a real etcd (${HOW_TO_GET_ETCD})`, () => {
  let server: EtcdServer;
  beforeAll(async () => {
    server = await startEtcd();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describeEtcdContract("a real etcd", async () => {
    await etcdctl(server, "del", "", "--prefix");
    const connect = () => connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
    const [one, two] = [await connect(), await connect()];
    return {
      one,
      two,
      writeText: async (path, text) => void (await etcdctl(server, "put", `/quarterdeck/${path}`, text)),
      [Symbol.asyncDispose]: async () => {
        await one[Symbol.asyncDispose]();
        await two[Symbol.asyncDispose]();
      },
    };
  });
});

test("endpoints and prefixes that cannot be are refused before anything is tried", async () => {
  const attempts = [
    { endpoints: [], tls: null, prefix: "/quarterdeck/" },
    { endpoints: ["127.0.0.1:2379"], tls: null, prefix: "/quarterdeck/" },
    { endpoints: ["https://127.0.0.1:2379"], tls: null, prefix: "/quarterdeck/" },
    { endpoints: ["http://127.0.0.1:2379"], tls: null, prefix: "quarterdeck" },
  ];
  for (const options of attempts)
    await expect(connectEtcd(options, signal)).rejects.toMatchObject({ code: "INVALID_CONFIG" });
});
