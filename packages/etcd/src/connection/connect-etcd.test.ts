import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { describeEtcdContract } from "../testing/etcd-contract.ts";
import { startEtcd, type EtcdServer } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcds, findOldEtcd, HOW_TO_GET_ETCD, HOW_TO_GET_OLD_ETCD } from "../testing/find-etcd.ts";
import { connectEtcd } from "./connect-etcd.ts";

const signal = AbortSignal.timeout(120_000);

const found = findEtcds();

for (const { version, directory } of found) {
  describe("against a real etcd", () => {
    let server: EtcdServer;
    beforeAll(async () => {
      server = await startEtcd({ binaries: directory });
    });
    afterAll(() => server[Symbol.asyncDispose]());

    describeEtcdContract(`etcd ${version}`, async () => {
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
}
test.skipIf(found.length === 0)(`the contract was held to a real etcd (${HOW_TO_GET_ETCD})`, () => {
  expect(found).not.toEqual([]);
});

test.skipIf(findOldEtcd() === null)(`the contract was held to etcd 3.4 too (${HOW_TO_GET_OLD_ETCD})`, () => {
  expect(found.map(({ version }) => version)).toContainEqual(expect.stringMatching(/^3\.4\./));
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

test.skipIf(found.length === 0)(
  `a closed client says so, to whoever asks and to whoever was waiting (${HOW_TO_GET_ETCD})`,
  async () => {
    await using server = await startEtcd();
    const client = await connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
    await client.get({ path: "epoch", schema: z.unknown() }, signal);
    server.freeze();
    const waiting = client.get({ path: "epoch", schema: z.unknown() }, signal);
    waiting.catch(() => {});
    await client[Symbol.asyncDispose]();
    const closed = { code: "CANCELLED", message: "the etcd client was closed" };
    await expect(waiting).rejects.toMatchObject(closed);
    await expect(client.get({ path: "epoch", schema: z.unknown() }, signal)).rejects.toMatchObject(closed);
  },
);
