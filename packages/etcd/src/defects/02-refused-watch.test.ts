import type { MachineId } from "@quarterdeck/model";
import { profiles } from "@quarterdeck/pki";
import { Range, type Etcd3 } from "etcd3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { applyRoles } from "../access/apply-roles.ts";
import type { EtcdClient, FollowEvent } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import type { Key } from "../keyspace/key.ts";
import { bareClient } from "../testing/bare-client.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { outcomeWithin } from "../testing/outcome-within.ts";
import { startSecureEtcd, type SecureEtcd } from "../testing/secure-etcd.ts";
import { put } from "../transaction/operation.ts";

const signal = AbortSignal.timeout(120_000);
const machine = "a".repeat(32) as MachineId;
const prefix = "/quarterdeck/";
const own: Key<string> = { path: `agents/${machine}/note`, schema: z.string() };

describe.skipIf(findEtcd() === null)(`defect 2: a refused watch (${HOW_TO_GET_ETCD})`, { timeout: 40_000 }, () => {
  let etcd: SecureEtcd;
  let client: EtcdClient;
  beforeAll(async () => {
    etcd = await startSecureEtcd();
    await applyRoles(await root(), { machines: [machine], operators: [], prefix }, signal);
    client = await connectEtcd({ endpoints: [etcd.server.url], tls: await certificate(), prefix }, signal);
  }, 60_000);
  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await etcd?.server[Symbol.asyncDispose]();
  });
  const certificate = () => etcd.issue(profiles.machine(machine, { ips: ["127.0.0.1"] }));
  const root = async () => ({ endpoints: [etcd.server.url], tls: await etcd.issue(profiles.root()) });

  test("etcd3: after one refusal every later watch of the client hangs", async () => {
    using stack = new DisposableStack();
    const bare = stack.adopt(bareClient(etcd.server.url, await certificate()), (etcd3) => etcd3.close());
    const answer = (watch: Promise<unknown>) => outcomeWithin(watch, 1_500);
    const refused = await answer(bare.watch().prefix(`${prefix}units/`).create());
    expect(["failed", "hangs"]).toContain(refused);
    expect(await answer(bare.watch().prefix(`${prefix}agents/${machine}/`).create())).toBe("hangs");
  });

  test("ours: who follows what it may not is told so, and all others go on over the same stream", async () => {
    await using standing = await client.mirror([`agents/${machine}/`], signal);
    for (const path of ["units/", "epoch/", "policy"]) await expect(first(path)).rejects.toMatchObject(denied(path));
    await write("1");
    for await (const _ of standing.changes(signal)) if (standing.get(own)?.value === "1") break;
    expect(await first(`agents/${machine}/`)).toMatchObject({ kind: "reset", why: "start" });
  });

  test("ours: what is granted after a refusal can be followed", async () => {
    await expect(first("machines/")).rejects.toMatchObject(denied("machines/"));
    await asRoot((bare) => bare.role(`machine:${machine}`).grant(permission("machines/")));
    expect(await first("machines/")).toMatchObject({ kind: "reset", why: "start" });
  });

  test("ours: a right that is taken away ends a follow when its stream does, not before: etcd goes on sending", async () => {
    await asRoot((bare) => bare.role(`machine:${machine}`).grant(permission("status/")));
    const events = client.follow(["status/"], {}, signal)[Symbol.asyncIterator]();
    await events.next();
    await asRoot((bare) => bare.role(`machine:${machine}`).revoke(permission("status/")));
    await asRoot((bare) => bare.put(`${prefix}status/x`).value('"1"').exec());
    expect((await events.next()).value).toMatchObject({ kind: "batch", changes: [{ path: "status/x" }] });
    await etcd.server.kill();
    await etcd.server.restart();
    await expect(events.next()).rejects.toMatchObject({ code: "ETCD_FORBIDDEN" });
  });

  const permission = (path: string) => ({
    permission: "Read" as const,
    range: Range.prefix(prefix + path),
  });

  async function asRoot(act: (bare: Etcd3) => Promise<unknown>): Promise<void> {
    using stack = new DisposableStack();
    await act(stack.adopt(bareClient(etcd.server.url, (await root()).tls), (bare) => bare.close()));
  }

  async function first(path: string): Promise<FollowEvent | undefined> {
    for await (const event of client.follow([path], {}, signal)) return event;
    return undefined;
  }

  const write = (value: string) => client.transact({ when: [], then: [put(own, value)] }, signal);
});

const denied = (path: string) => ({
  code: "ETCD_FORBIDDEN",
  message: expect.stringContaining(`machine:${machine} may not watch ${prefix}${path}`),
});
