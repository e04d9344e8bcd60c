import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@quarterdeck/daemon";
import { keys, put, type EtcdClient } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";
import type { MachineId, Presence, Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { holdPresence } from "./hold-presence.ts";
import type { Clock } from "./ports.ts";

const MACHINE = "a".repeat(32) as MachineId;
const log = createLogger("test");
log.level = "silent";

const presence = (changes: Partial<Presence> = {}): Presence => ({
  v: 1,
  machine: MACHINE,
  hostname: "m1",
  address: "10.0.0.1",
  agentPort: 7443,
  zone: "local",
  os: "Debian",
  versions: {},
  capacity: { cpus: 2, memoryMiB: 1024 },
  metadata: {},
  bootId: "boot",
  instanceId: "this one",
  startedAt: "2026-11-24T12:00:00.000Z" as Timestamp,
  ...changes,
});

/** Time passes only by waiting. */
function skippingClock(onWait: (waited: number) => void): Clock {
  let waited = 0;
  let nowMs = Date.parse("2026-11-24T12:00:00Z");
  return {
    now: () => new Date(nowMs),
    wait: async (milliseconds, signal) => {
      signal.throwIfAborted();
      nowMs += milliseconds;
      waited += 1;
      onWait(waited);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

type Stage = AsyncDisposable & {
  readonly etcd: ReturnType<typeof fakeEtcd>;
  readonly leaseFile: string;
  /** Called after each wait with how many there were. */
  onWait: (waited: number) => void;
  /** Called before each transaction. */
  onTransact: () => void;
  /** What the agents asked etcd, in order. */
  readonly calls: readonly string[];
  start(changes?: Partial<Presence>): { stop(): Promise<void>; held(): Promise<void>; readonly result: Promise<void> };
};

async function stage(): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), "quarterdeck-presence-"));
  const etcd = fakeEtcd();
  const leaseFile = join(dir, "agent-lease");
  const calls: string[] = [];
  const client: EtcdClient = {
    ...etcd,
    resumeLease: (id, signal) => {
      calls.push("resumeLease");
      return etcd.resumeLease(id, signal);
    },
    get: (key, signal) => {
      calls.push("get");
      return etcd.get(key, signal);
    },
    transact: (transaction, signal) => {
      calls.push("transact");
      it.onTransact();
      return etcd.transact(transaction, signal);
    },
  };
  const it: Stage = {
    etcd,
    leaseFile,
    onWait: () => undefined,
    onTransact: () => undefined,
    calls,
    start(changes = {}) {
      const stop = new AbortController();
      let held = 0;
      let seen = 0;
      const result = holdPresence(
        {
          client,
          machine: MACHINE,
          presence: presence(changes),
          ttlSeconds: 10,
          leaseFile,
          clock: skippingClock((waited) => it.onWait(waited)),
          log,
          onHeld: () => void (held += 1),
        },
        stop.signal,
      );
      result.catch(() => undefined);
      return {
        result,
        held: async () => {
          seen += 1;
          await expect.poll(() => held).toBeGreaterThanOrEqual(seen);
        },
        stop: async () => {
          stop.abort();
          await result;
        },
      };
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
  return it;
}

test("presence hangs on a lease that outlives the agent, and the next agent resumes it", async () => {
  await using it = await stage();
  const first = it.start();
  await first.held();
  const [lease] = it.etcd.leaseIds();
  expect(await readFile(it.leaseFile, "utf8")).toBe(lease);
  await first.stop();
  expect(it.etcd.leaseIds()).toEqual([lease]);
  const second = it.start();
  await second.held();
  expect(it.etcd.leaseIds()).toEqual([lease]);
  await second.stop();
});

test("a presence that goes with its former lease while it is being taken over is written anew at once", async () => {
  await using it = await stage();
  const signal = AbortSignal.timeout(5000);
  const former = await it.etcd.grantLease({ ttlSeconds: 10 }, signal);
  const left = put(keys.presence(MACHINE), presence(), { lease: former.id });
  await it.etcd.transact({ when: [], then: [left] }, signal);
  it.onTransact = () => {
    it.onTransact = () => undefined;
    it.etcd.expireLease(former.id);
  };
  let waited = 0;
  it.onWait = () => void (waited += 1);
  const agent = it.start();
  await agent.held();
  expect(it.etcd.dump()).toHaveProperty([`agents/${MACHINE}/presence`]);
  expect(waited).toBe(0);
  await agent.stop();
});

test("the lease of the process before is kept alive before anything else is asked", async () => {
  await using it = await stage();
  const first = it.start();
  await first.held();
  await first.stop();
  const second = it.start();
  await second.held();
  expect(it.calls.slice(it.calls.lastIndexOf("resumeLease"))).toEqual(["resumeLease", "get", "get", "transact"]);
  await second.stop();
});

test("a lost lease is replaced and presence comes back", async () => {
  await using it = await stage();
  const agent = it.start();
  await agent.held();
  it.etcd.expireLease(it.etcd.leaseIds()[0] ?? "");
  await agent.held();
  expect(it.etcd.leaseIds()).toHaveLength(1);
  expect(it.etcd.dump()).toHaveProperty([`agents/${MACHINE}/presence`]);
  await agent.stop();
});

test("an etcd that fails is tried again", async () => {
  await using it = await stage();
  it.etcd.failNext("ETCD_UNREACHABLE", "ETCD_TIMEOUT");
  const agent = it.start();
  await agent.held();
  await agent.stop();
});

test("a machine that was rebooted takes its presence over at once", async () => {
  await using it = await stage();
  const before = it.start({ bootId: "boot before" });
  await before.held();
  await before.stop();
  const after = it.start();
  await after.held();
  expect(it.etcd.dump()[`agents/${MACHINE}/presence`]).toMatchObject({ bootId: "boot" });
  await after.stop();
});

test("a live twin with the same machine id is a conflict, and keeps its presence", async () => {
  await using it = await stage();
  const lease = await it.etcd.grantLease({ ttlSeconds: 10 }, AbortSignal.timeout(5000));
  await it.etcd.transact(
    {
      when: [],
      then: [put(keys.presence(MACHINE), presence({ instanceId: "the twin", hostname: "m9" }), { lease: lease.id })],
    },
    AbortSignal.timeout(5000),
  );
  const agent = it.start();
  await expect(agent.result).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("m9") as string,
  });
  expect(it.etcd.dump()[`agents/${MACHINE}/presence`]).toMatchObject({ instanceId: "the twin" });
});

test("what a machine that was installed anew left behind is waited for", async () => {
  await using it = await stage();
  const signal = AbortSignal.timeout(5000);
  const lease = await it.etcd.grantLease({ ttlSeconds: 10 }, signal);
  const former = put(keys.presence(MACHINE), presence({ instanceId: "before" }), { lease: lease.id });
  await it.etcd.transact({ when: [], then: [former] }, signal);
  it.onWait = (waited) => {
    if (waited === 5) it.etcd.expireLease(lease.id);
  };
  const agent = it.start();
  await agent.held();
  expect(it.etcd.dump()[`agents/${MACHINE}/presence`]).toMatchObject({ instanceId: "this one" });
  await agent.stop();
});
