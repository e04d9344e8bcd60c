import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { findEtcd, findEtcds, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";

const signal = AbortSignal.timeout(60_000);

describe.skipIf(findEtcd() === null)(`keys without their values (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  test.each(findEtcds())(
    "come from etcd $version whole and in order, over more pages than one",
    async ({ directory }) => {
      await using server = await startEtcd({ binaries: directory });
      await using client = await connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
      // The first page asks for 64 keys, the second for 256.
      const paths = Array.from({ length: 400 }, (_, index) => `units/${String(index).padStart(4, "0")}`);
      for (let at = 0; at < paths.length; at += 100) {
        const then = paths
          .slice(at, at + 100)
          .map((path) => ({ kind: "put", path, json: `"${"x".repeat(1_000)}"`, lease: null }) as const);
        await client.transact({ when: [], then }, signal);
      }
      await client.raw.put("/zoo", "1", signal);
      const whole = paths.map((path) => `/quarterdeck/${path}`);
      expect((await client.raw.list("/quarterdeck/units/", signal)).map(({ path }) => path)).toEqual(whole);
      expect((await client.raw.list("", signal)).map(({ path }) => path)).toEqual([...whole, "/zoo"]);
      expect(await client.raw.list("/quarterdeck/units/none", signal)).toEqual([]);
    },
  );
});
