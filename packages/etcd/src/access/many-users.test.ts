import type { MachineId } from "@quarterdeck/model";
import { profiles } from "@quarterdeck/pki";
import { expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { telemetry, type RetryMessage } from "../telemetry.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { startSecureEtcd } from "../testing/secure-etcd.ts";
import { put } from "../transaction/operation.ts";
import { addMachineUser, applyRoles } from "./apply-roles.ts";

const signal = AbortSignal.timeout(120_000);
const prefix = "/quarterdeck/";
const USERS = 30;
const TTL_SECONDS = 2;
/** Whether etcd refuses a call is a matter of microseconds: users are made until it has, within reason. */
const MOST_USERS = 500;
const machine = (index: number): MachineId => index.toString(16).padStart(32, "0") as MachineId;

/** Whatever etcd refuses because users were made between its two looks at a call. */
function countRetries() {
  let count = 0;
  const listen = (message: unknown): void => {
    if ((message as RetryMessage).why.includes("revision of auth store is old")) count += 1;
  };
  telemetry.retry.subscribe(listen);
  return { count: () => count, [Symbol.dispose]: () => telemetry.retry.unsubscribe(listen) };
}

test.skipIf(findEtcd() === null)(
  `while users are made nobody's call, watch or lease fails, although etcd refuses some of them (${HOW_TO_GET_ETCD})`,
  { timeout: 120_000 },
  async () => {
    await using stack = new AsyncDisposableStack();
    const etcd = await startSecureEtcd();
    stack.use(etcd.server);
    const root = { endpoints: [etcd.server.url], tls: await etcd.issue(profiles.root()) };
    await applyRoles(root, { machines: [], operators: [], prefix }, signal);
    const tls = await etcd.issue(profiles.engine());
    const engine = stack.use(await connectEtcd({ endpoints: [etcd.server.url], tls, prefix }, signal));
    const mirror = stack.use(await engine.mirror(["epoch"], signal));
    const lease = stack.use(await engine.grantLease({ ttlSeconds: TTL_SECONDS }, signal));
    using retries = countRetries();

    const began = performance.now();
    let [done, writes] = [false, 0];
    // Lanes of their own, so that some call is always between etcd's two looks at it.
    const writing = Array.from({ length: 8 }, async (_, lane) => {
      while (!done) {
        const operation = { kind: "put", path: `locks/${lane}`, json: "{}", lease: lease.id } as const;
        await engine.transact({ when: [], then: [operation] }, signal);
        // A watch that begins is checked as a call is.
        for await (const _event of engine.follow([`locks/${lane}`], {}, signal)) break;
        writes += 1;
      }
    });
    const making = (async () => {
      try {
        for (let made = 0; made < USERS || (retries.count() === 0 && made < MOST_USERS); made += 1)
          await addMachineUser(root, { machine: machine(made), prefix }, signal);
        while (performance.now() - began < TTL_SECONDS * 2_000) await engine.get(keys.epoch(), signal);
      } finally {
        done = true;
      }
    })();
    await Promise.all([making, ...writing]);

    expect(retries.count()).toBeGreaterThan(0);
    expect(writes).toBeGreaterThan(USERS);
    expect(lease.lost.aborted).toBe(false);
    const { revision } = await engine.transact(
      { when: [], then: [put(keys.epoch(), { v: 1, epoch: 7, released: true })] },
      signal,
    );
    for await (const _ of mirror.changes(signal)) if (mirror.revision >= revision) break;
    expect(mirror.get(keys.epoch())?.value.epoch).toBe(7);
  },
);
