import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { createLogger } from "@quarterdeck/daemon";
import { keys, put, type EtcdClient } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";
import type { MachineId, Presence, Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { holdPresence } from "./hold-presence.ts";
import type { Clock } from "./ports.ts";
import { Wakeup } from "./wakeup.ts";

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
  /** `facts` is awaited before they are known. */
  start(
    changes?: Partial<Presence>,
    facts?: Promise<void>,
  ): {
    stop(): Promise<void>;
    held(): Promise<void>;
    /** As if the machine had been looked at again. */
    tell(changes: Partial<Presence>): void;
    rivals(): number;
    readonly result: Promise<void>;
  };
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
    start(changes = {}, known = Promise.resolve()) {
      const stop = new AbortController();
      let held = 0;
      let seen = 0;
      let rivals = 0;
      const changed = new Wakeup();
      let own = presence(changes);
      const result = holdPresence(
        {
          client,
          machine: MACHINE,
          facts: known.then(() => ({
            changed,
            get presence() {
              return own;
            },
          })),
          ttlSeconds: 10,
          leaseFile,
          clock: skippingClock((waited) => it.onWait(waited)),
          log,
          onHeld: () => void (held += 1),
          onRival: () => void (rivals += 1),
          whileHeld: () => Promise.resolve(),
        },
        stop.signal,
      );
      result.catch(() => undefined);
      return {
        result,
        rivals: () => rivals,
        tell: (facts) => {
          if (Object.keys(facts).length > 0) own = { ...own, ...facts };
          changed.wake();
        },
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

test("the lease of the process before is kept alive before anything is known of the machine, and presence is written once it is", async () => {
  await using it = await stage();
  const first = it.start();
  await first.held();
  await first.stop();
  const resumes = () => it.calls.filter((call) => call === "resumeLease").length;
  const before = it.calls.length;
  const known = Promise.withResolvers<void>();
  const second = it.start({}, known.promise);
  await expect.poll(resumes).toBe(1);
  for (let turns = 0; turns < 5; turns += 1) await turn();
  expect(it.calls.slice(before)).toEqual(["resumeLease"]);
  known.resolve();
  await second.held();
  expect(it.calls.slice(before)).toEqual(["resumeLease", "get", "get", "transact"]);
  await second.stop();
});

test("an agent that is told to stop before anything is known of its machine stops", async () => {
  await using it = await stage();
  const agent = it.start({}, new Promise<void>(() => undefined));
  await expect.poll(() => it.etcd.leaseIds()).toHaveLength(1);
  await agent.stop();
  expect(it.calls).not.toContain("transact");
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

test("fleet #1145: half an hour in which etcd answers nothing is waited out, and presence comes back by itself", async () => {
  await using it = await stage();
  const agent = it.start();
  await agent.held();
  let waits = 0;
  it.onWait = (waited) => void (waits = waited);
  // It asks once a second.
  it.etcd.failNext(...Array.from({ length: 30 * 60 }, () => "ETCD_UNREACHABLE" as const));
  it.etcd.expireLease(it.etcd.leaseIds()[0] ?? "");
  await expect.poll(() => waits, { timeout: 20_000 }).toBeGreaterThanOrEqual(30 * 60);
  await agent.held();
  expect(it.etcd.leaseIds()).toHaveLength(1);
  expect(it.etcd.dump()).toHaveProperty([`agents/${MACHINE}/presence`]);
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

test("a fact that changed is told at once, on the same lease; being woken without one writes nothing", async () => {
  await using it = await stage();
  const agent = it.start({ disk: { freePercent: 40 } });
  await agent.held();
  const written = () => it.calls.filter((call) => call === "transact").length;
  agent.tell({});
  for (let turns = 0; turns < 5; turns += 1) await turn();
  agent.tell({ disk: { freePercent: 35 } });
  await expect.poll(() => it.etcd.dump()[`agents/${MACHINE}/presence`]).toMatchObject({ disk: { freePercent: 35 } });
  expect(written()).toBe(2);
  expect(it.etcd.leaseIds()).toHaveLength(1);
  it.etcd.expireLease(it.etcd.leaseIds()[0] ?? "");
  await agent.held();
  await agent.stop();
  expect(it.etcd.dump()).toHaveProperty([`agents/${MACHINE}/presence`, "disk"], { freePercent: 35 });
});

test("a fact that changes while presence is being written is told after it", async () => {
  await using it = await stage();
  const agent = it.start({ disk: { freePercent: 40 } });
  it.onTransact = () => {
    it.onTransact = () => undefined;
    agent.tell({ disk: { freePercent: 5 } });
  };
  await agent.held();
  await expect.poll(() => it.etcd.dump()[`agents/${MACHINE}/presence`]).toMatchObject({ disk: { freePercent: 5 } });
  await agent.stop();
});

test("fleet #615: a copy of a machine's disk, instance id and all, is refused by an error that names both, and the first stays", async () => {
  await using it = await stage();
  const first = it.start({ hostname: "m1", address: "10.0.0.1", bootId: "boot of the first" });
  await first.held();
  const before = it.etcd.dump()[`agents/${MACHINE}/presence`];
  await rm(it.leaseFile);
  const copy = it.start({ hostname: "m1", address: "10.0.0.9", bootId: "boot of the copy" });
  await expect(copy.result).rejects.toMatchObject({
    code: "CONFLICT",
    message:
      `two live machines have the machine id ${MACHINE}: m1 at 10.0.0.1 (boot boot of the first, instance this one), ` +
      "which was first, and this one, m1 at 10.0.0.9 (boot boot of the copy, instance this one)",
  });
  expect(copy.rivals()).toBeGreaterThan(0);
  expect(it.etcd.dump()[`agents/${MACHINE}/presence`]).toEqual(before);
  await first.stop();
});

test("a machine that was rebooted and got another address is no copy: its former presence ends and it takes its place", async () => {
  await using it = await stage();
  const signal = AbortSignal.timeout(5000);
  const lease = await it.etcd.grantLease({ ttlSeconds: 10 }, signal);
  const former = put(keys.presence(MACHINE), presence({ bootId: "before", address: "10.0.0.7" }), { lease: lease.id });
  await it.etcd.transact({ when: [], then: [former] }, signal);
  it.onWait = (waited) => {
    if (waited === 5) it.etcd.expireLease(lease.id);
  };
  const agent = it.start();
  await agent.held();
  await agent.stop();
});
