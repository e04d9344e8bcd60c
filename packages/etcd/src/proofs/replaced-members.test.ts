import { CodedError } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { present, put } from "../index.ts";
import { changeValue } from "../keyspace/compare-and-set.ts";
import type { Key } from "../keyspace/key.ts";
import { startEtcdCluster } from "../testing/etcd-cluster.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { proofValue } from "./follower-witness.ts";

const signal = AbortSignal.timeout(120_000);
const counter: Key<{ readonly v: 1; readonly n: number }> = { path: "counter", schema: proofValue };
const leased: Key<{ readonly v: 1; readonly n: number }> = { path: "leased", schema: proofValue };

describe.skipIf(findEtcd() === null)(`members with empty disks (${HOW_TO_GET_ETCD})`, { timeout: 120_000 }, () => {
  test("take the place of all three, one after the other, and no count, follow, lease or mirror notices", async () => {
    await using cluster = await startEtcdCluster({ electionMs: 1_000 });
    const options = { endpoints: cluster.endpoints, tls: null, prefix: "/replaced/" };
    await using client = await connectEtcd(options, signal);
    await using lease = await client.grantLease({ ttlSeconds: 30 }, signal);
    await client.transact({ when: [], then: [put(leased, { v: 1, n: 0 }, { lease: lease.id })] }, signal);
    const { revision } = await client.snapshot([counter.path], signal);

    const seen: number[] = [];
    const resets: string[] = [];
    let counting = true;
    let [counted, unknown] = [0, 0];
    const over = new AbortController();
    const follow = async (): Promise<void> => {
      for await (const event of client.follow([counter.path], { from: revision }, over.signal)) {
        if (event.kind === "reset") resets.push(event.why);
        else for (const { json } of event.changes) seen.push(proofValue.parse(JSON.parse(json ?? "")).n);
      }
    };
    const count = async (): Promise<void> => {
      while (counting) {
        try {
          await changeValue(client, counter, (value) => ({ v: 1 as const, n: (value?.n ?? 0) + 1 }), signal);
          counted += 1;
        } catch (error) {
          // Its reply went with a member; others might have written the same.
          if (!(error instanceof CodedError && error.retryable)) throw error;
          unknown += 1;
        }
      }
    };
    const replaceAll = async (): Promise<void> => {
      for (const place of [0, 1, 2]) {
        const before = counted;
        await cluster.replace(place);
        await expect.poll(() => counted, { timeout: 20_000 }).toBeGreaterThan(before + 5);
      }
      counting = false;
    };
    const lookAtTheEnd = async (): Promise<void> => {
      await Promise.all([count(), replaceAll()]);
      const n = (await client.get(counter, signal))?.value.n ?? 0;
      expect(n).toBeGreaterThanOrEqual(counted);
      expect(n).toBeLessThanOrEqual(counted + unknown);
      await expect.poll(() => seen.at(-1), { timeout: 10_000 }).toBe(n);
      over.abort();
    };
    await Promise.all([follow(), lookAtTheEnd()]);
    expect(resets).toEqual([]);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    lease.check();
    expect((await client.transact({ when: [present(leased)], then: [] }, signal)).committed).toBe(true);
  });
});
