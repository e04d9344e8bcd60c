import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { connectEtcd } from "../connection/connect-etcd.ts";
import type { CallMessage } from "../telemetry.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { absent, present } from "./condition.ts";
import { put, remove } from "./operation.ts";

const key = { path: "one/a", schema: z.string() };
const other = { path: "one/b", schema: z.string() };

describe.skipIf(findEtcd() === null)(`the way a transaction goes (${HOW_TO_GET_ETCD})`, { timeout: 30_000 }, () => {
  test("one key that is put without a condition goes as a put, all else as a transaction, with the same answers", async () => {
    const signal = AbortSignal.timeout(30_000);
    await using server = await startEtcd();
    await using client = await connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
    await using lease = await client.grantLease({ ttlSeconds: 60 }, signal);
    const calls: string[] = [];
    const note = (message: unknown): void => void calls.push((message as CallMessage).name);
    subscribe("quarterdeck.etcd.call", note);
    const first = await client.transact({ when: [], then: [put(key, "1", { lease: lease.id })] }, signal);
    const second = await client.transact({ when: [], then: [put(key, "2"), put(other, "2")] }, signal);
    const refused = await client.transact({ when: [absent(key)], then: [put(key, "3")] }, signal);
    const third = await client.transact({ when: [present(key)], then: [put(key, "3")] }, signal);
    await client.transact({ when: [], then: [remove(other)] }, signal);
    const empty = await client.transact({ when: [], then: [] }, signal);
    unsubscribe("quarterdeck.etcd.call", note);
    expect(calls).toEqual(["put", "txn", "txn", "txn", "txn", "txn"]);
    expect([first, second, refused, third, empty].map(({ committed }) => committed)).toEqual([
      true,
      true,
      false,
      true,
      true,
    ]);
    expect(second.revision - first.revision).toBe(1n);
    expect(await client.get(key, signal)).toMatchObject({
      value: "3",
      createRevision: first.revision,
      modRevision: third.revision,
    });
  });
});
