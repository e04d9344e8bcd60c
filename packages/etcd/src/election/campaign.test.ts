import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { ranges } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { etcdctl, spawnEtcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";

const signal = AbortSignal.timeout(60_000);
const ELECTION = "/quarterdeck/engine/leader";
const value = { v: 1, machine: "m", hostname: "ours", since: "now" };

describe.skipIf(findEtcd() === null)(
  `an election shared with etcdctl (${HOW_TO_GET_ETCD})`,
  { timeout: 30_000 },
  () => {
    test("we wait for etcdctl's term to end, and it waits for ours", async () => {
      await using server = await startEtcd();
      await using client = await connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
      const campaign = () => client.campaign({ election: "engine/leader", value, ttlSeconds: 10 }, signal);

      const first = spawnEtcdctl(server, ["elect", ELECTION, "theirs"]);
      expect(await nextOutput(first)).toMatch(/^\/quarterdeck\/engine\/leader\/[0-9a-f]+\ntheirs\n/);
      let elected = false;
      const campaigning = campaign().then((term) => ((elected = true), term));
      await expect
        .poll(
          async () =>
            (await etcdctl(server, "get", `${ELECTION}/`, "--prefix", "--keys-only")).trim().split(/\n+/).length,
        )
        .toBe(2);
      expect(elected).toBe(false);
      first.kill("SIGINT");
      const term = await campaigning;
      expect(term.lost.aborted).toBe(false);

      const second = spawnEtcdctl(server, ["elect", ELECTION, "theirs again"]);
      const leads = nextOutput(second);
      await expect
        .poll(
          async () =>
            (await etcdctl(server, "get", `${ELECTION}/`, "--prefix", "--keys-only")).trim().split(/\n+/).length,
        )
        .toBe(2);
      expect((await client.list(ranges.leaders, signal)).entries[0]?.value).toEqual(value);
      await term.resign();
      expect(await leads).toContain("theirs again");
      expect(await codeOf(term.transact({ when: [], then: [] }, signal))).toBe("ETCD_FENCED");
      second.kill("SIGINT");
      await once(second, "exit");
    });

    test("five candidates lead one after the other, never two at once", async () => {
      await using server = await startEtcd();
      const clients = await Promise.all(
        Array.from({ length: 5 }, () =>
          connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal),
        ),
      );
      let leading = 0;
      const fences: bigint[] = [];
      await Promise.all(
        clients.map(async (client) => {
          await using term = await client.campaign({ election: "engine/leader", value, ttlSeconds: 10 }, signal);
          leading += 1;
          expect(leading).toBe(1);
          await term.transact({ when: [], then: [{ kind: "put", path: "epoch", json: "{}", lease: null }] }, signal);
          fences.push(term.fence);
          leading -= 1;
        }),
      );
      expect(fences).toEqual(fences.toSorted((a, b) => Number(a - b)));
      expect((await clients[0]?.list(ranges.leaders, signal))?.entries).toEqual([]);
      for (const client of clients) await client[Symbol.asyncDispose]();
    });
  },
);

async function nextOutput(child: ChildProcess): Promise<string> {
  let output = "";
  while ((output.match(/\n/g) ?? []).length < 2) {
    if (child.stdout === null) break;
    const [chunk] = (await once(child.stdout, "data")) as [Buffer];
    output += chunk.toString();
  }
  return output;
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}
