import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { EtcdClient } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { spawnEtcdctl } from "../testing/etcdctl.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, findEtcds, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import type { LockClaim } from "./lock.ts";

const signal = AbortSignal.timeout(120_000);
const scope = "deploy";
const ours = { scope, holder: "ours", reason: "a test", ttlSeconds: 10 };
const connect = (url: string) => connectEtcd({ endpoints: [url], tls: null, prefix: "/quarterdeck/" }, signal);

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

describe.each(findEtcds())("a lock shared with etcdctl $version", { timeout: 60_000 }, ({ directory }) => {
  test("we wait for theirs and show it as an unknown holder's, they wait for ours, and theirs can be stolen", async () => {
    await using server = await startEtcd({ binaries: directory });
    await using client = await connect(server.url);
    const take = () => watched(spawnEtcdctl(server, ["lock", "/quarterdeck/locks/deploy"]));

    const first = take();
    const key = (await first.said(1))[0]?.replace("/quarterdeck/", "");
    const [theirs] = await claims(client, 1);
    expect(theirs).toMatchObject({ key, position: 0, holder: null, reason: null, ageSeconds: null });
    expect(key).toBe(`locks/deploy/${theirs?.leaseHex}`);
    expect(await client.locks.attempt(ours, signal)).toBeNull();
    let isHeld = false;
    const waiting = client.locks.acquire(ours, signal).then((lock) => ((isHeld = true), lock));
    await claims(client, 2);
    expect(isHeld).toBe(false);
    first.child.kill("SIGINT");
    const lock = await waiting;

    const second = take();
    expect(await claims(client, 2)).toMatchObject([{ holder: "ours" }, { holder: null }]);
    expect(second.lines).toEqual([]);
    lock.check();
    await lock.release();
    expect((await second.said(1))[0]).toMatch(/^\/quarterdeck\/locks\/deploy\/[0-9a-f]+$/);

    const thief = await client.locks.steal(ours, signal);
    const { claims: left, steals } = await client.locks.read(scope, signal);
    expect(left.map(({ holder }) => holder)).toEqual(["ours"]);
    expect(steals).toMatchObject([{ thief: "ours", victim: { holder: null } }]);
    await thief.release();
    second.child.kill("SIGINT");
    await once(second.child, "exit");
  });
});

describe.skipIf(findEtcd() === null)(`the holder of a lock (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  test("that was stopped longer than its lease knows on waking that it lost it, before it acts again", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    const holder = holdElsewhere(server.url);
    await holder.said(20);
    const waiting = client.locks.acquire(ours, signal);
    await claims(client, 2);
    holder.child.kill("SIGSTOP");
    const lock = await waiting;
    const before = holder.lines.length;
    holder.child.kill("SIGCONT");
    await once(holder.child, "close");
    const after = holder.lines.slice(before);
    expect(after[0]).toBe("ETCD_LEASE_LOST");
    expect(JSON.parse(after[1] ?? "")).toMatchObject({ lost: true, refused: { code: "ETCD_FENCED" } });
    expect(after.length).toBe(2);
    lock.check();
    await lock.release();
  });

  test("that was killed is followed by the next in the queue when its lease has ended", async () => {
    await using server = await startEtcd();
    await using client = await connect(server.url);
    const holder = holdElsewhere(server.url);
    await holder.said(1);
    const waiting = client.locks.acquire(ours, signal);
    const [theirs] = await claims(client, 2);
    holder.child.kill("SIGKILL");
    await once(holder.child, "exit");
    expect((await client.locks.read(scope, signal)).claims[0]?.key).toBe(theirs?.key);
    const killedAt = performance.now();
    const lock = await waiting;
    // Its lease lives for two seconds; etcd may be late on a busy machine, but does not need another reason.
    expect(performance.now() - killedAt).toBeLessThan(15_000);
    expect((await claims(client, 1))[0]?.key).toBe(lock.key);
    await lock.release();
  });

  test("that waits, and loses its lease with its way to etcd, stands anew once there is a way again", async () => {
    await using server = await startEtcd();
    await using proxy = await FaultProxy.start(server.url);
    await using near = await connect(server.url);
    await using far = await connect(proxy.url);
    const lock = await near.locks.acquire(ours, signal);
    const waiting = far.locks.acquire({ ...ours, holder: "far", ttlSeconds: 2 }, signal);
    const [, before] = await claims(near, 2);
    proxy.goDark();
    await claims(near, 1);
    proxy.heal();
    proxy.cut();
    const [, after] = await claims(near, 2);
    expect(after?.leaseHex).not.toBe(before?.leaseHex);
    await lock.release();
    const held = await waiting;
    expect(held.fence).toBe(after?.fence);
    await held.release();
  });
});

type Watched = {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** All lines, once there are `count`. */
  readonly said: (count: number) => Promise<readonly string[]>;
};

function watched(child: ChildProcess): Watched {
  children.add(child);
  const lines: string[] = [];
  if (child.stdout !== null) createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const said = async (count: number): Promise<readonly string[]> => {
    await expect.poll(() => lines.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
    return lines;
  };
  return { child, lines, said };
}

function holdElsewhere(url: string): Watched {
  const script = fileURLToPath(new URL("../testing/lock-holder-process.ts", import.meta.url));
  return watched(spawn(process.execPath, [script, url, scope], { stdio: ["ignore", "pipe", "inherit"] }));
}

/** The claims once there are `count`. */
async function claims(client: EtcdClient, count: number): Promise<readonly LockClaim[]> {
  let found: readonly LockClaim[] = [];
  const look = async (): Promise<number> => (found = (await client.locks.read(scope, signal)).claims).length;
  await expect.poll(look, { timeout: 20_000, interval: 5 }).toBe(count);
  return found;
}
