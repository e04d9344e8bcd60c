import type { MachineId, Principal } from "@quarterdeck/model";
import { profiles } from "@quarterdeck/pki";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EtcdClient } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { startSecureEtcd, type SecureEtcd } from "../testing/secure-etcd.ts";
import { put } from "../transaction/operation.ts";
import { applyRoles } from "./apply-roles.ts";
import { revokeUser } from "./revoke-user.ts";

const signal = AbortSignal.timeout(120_000);
const prefix = "/quarterdeck/";
const machine = "a".repeat(32) as MachineId;
const principal = `machine:${machine}` as Principal;

describe.skipIf(findEtcd() === null)(
  `revocation, as docs/revocation.md has it (${HOW_TO_GET_ETCD})`,
  { timeout: 60_000 },
  () => {
    let etcd: SecureEtcd;
    const stack = new AsyncDisposableStack();
    const root = async () => ({ endpoints: [etcd.server.url], tls: await etcd.issue(profiles.root()) });
    const as = async (profile: Parameters<SecureEtcd["issue"]>[0]): Promise<EtcdClient> =>
      stack.use(await connectEtcd({ endpoints: [etcd.server.url], tls: await etcd.issue(profile), prefix }, signal));

    beforeAll(async () => {
      etcd = await startSecureEtcd();
      await applyRoles(await root(), { machines: [machine], operators: [], prefix }, signal);
    }, 60_000);
    afterAll(async () => {
      await stack.disposeAsync();
      await etcd?.server[Symbol.asyncDispose]();
    });

    test("ends a user's calls at once, its lease with the next keep-alive, and its watches only with the member's restart", async () => {
      const engine = await as(profiles.engine());
      const revoked = await as(profiles.machine(machine, { ips: ["127.0.0.1"] }));
      const epoch = (value: number) =>
        engine.transact({ when: [], then: [put(keys.epoch(), { v: 1, epoch: value, released: true })] }, signal);
      await epoch(1);
      const lease = await revoked.grantLease({ ttlSeconds: 2 }, signal);
      const presence = { kind: "put", path: `agents/${machine}/presence`, json: "{}", lease: lease.id } as const;
      await revoked.transact({ when: [], then: [presence] }, signal);
      const seen: bigint[] = [];
      const ended = (async () => {
        for await (const event of revoked.follow(["epoch"], {}, signal))
          seen.push(event.kind === "batch" ? event.revision : event.snapshot.revision);
      })().then(
        () => null,
        (error: unknown) => error,
      );
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(1);

      expect(await revokeUser(await root(), principal, signal)).toBe(true);
      expect(await revokeUser(await root(), principal, signal)).toBe(false);
      await expect(revoked.get(keys.epoch(), signal)).rejects.toMatchObject({ code: "ETCD_FORBIDDEN" });
      await expect(revoked.transact({ when: [], then: [presence] }, signal)).rejects.toMatchObject({
        code: "ETCD_FORBIDDEN",
        message: expect.stringContaining(principal),
      });
      // This is what makes the restart necessary.
      const { revision } = await epoch(2);
      await expect.poll(() => seen.at(-1), { timeout: 10_000 }).toBe(revision);

      await expect.poll(() => lease.lost.aborted, { timeout: 10_000 }).toBe(true);

      await etcd.server.kill();
      await etcd.server.restart();
      expect(await ended).toMatchObject({ code: "ETCD_FORBIDDEN", message: expect.stringContaining(principal) });
    });
  },
);
