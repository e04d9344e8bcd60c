import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd, type EtcdServer } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import type { LeaseProcessLine } from "../testing/lease-process.ts";

const signal = AbortSignal.timeout(120_000);
const PROGRAM = join(import.meta.dirname, "../testing/lease-process.ts");
const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

describe.skipIf(findEtcd() === null)(`a lease and its process (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  test("a process that was stopped for longer than its TTL wakes, knows of nothing yet, and can neither check nor write", async () => {
    await using server = await startEtcd();
    await using witness = await connect(server);
    const { child, lines } = start("stop", server.url, "2");
    expect(await next(lines)).toMatchObject({ kind: "held" });
    // It stopped itself right after that line, before whatever it would have done next.
    await expect.poll(() => witness.get(keys.epoch(), signal), { timeout: 20_000 }).toBeNull();
    child.kill("SIGCONT");
    const woken = await next(lines);
    // Refused here; etcd would have said that the lease is gone.
    const refusal = expect.stringMatching(/^ETCD_LEASE_LOST .* was not acknowledged in time/);
    expect(woken).toMatchObject({ kind: "woken", toldBefore: false, check: refusal, write: refusal });
    expect(woken.kind === "woken" && woken.stoppedMs).toBeGreaterThan(1_800);
    expect(await witness.get(keys.epoch(), signal)).toBeNull();
  });

  test("a lease that one process detached is kept alive by the next, with its key as it was, and goes with that one", async () => {
    await using server = await startEtcd();
    await using witness = await connect(server);
    const left = start("leave", server.url, "10");
    const { lease } = (await next(left.lines)) as { readonly lease: string };
    if (left.child.exitCode === null) await once(left.child, "exit");
    const before = await witness.get(keys.epoch(), signal);
    // Nobody keeps it now.
    await expect.poll(() => leftSeconds(server, lease), { timeout: 10_000 }).toBeLessThanOrEqual(8);

    const { child, lines } = start("resume", server.url, lease);
    expect(await next(lines)).toEqual({ kind: "held", lease });
    await expect.poll(() => leftSeconds(server, lease), { timeout: 10_000 }).toBeGreaterThanOrEqual(9);
    expect(await witness.get(keys.epoch(), signal)).toEqual(before);
    child.stdin?.end();
    await once(child, "exit");
    expect(await witness.get(keys.epoch(), signal)).toBeNull();
  });
});

type Started = { readonly child: ChildProcess; readonly lines: AsyncIterator<string> };

function start(...args: readonly string[]): Started {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  children.add(child);
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

async function next(lines: AsyncIterator<string>): Promise<LeaseProcessLine> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error("the process ended without a word");
  return JSON.parse(value) as LeaseProcessLine;
}

async function leftSeconds(server: EtcdServer, lease: string): Promise<number> {
  const { ttl } = JSON.parse(await etcdctl(server, "lease", "timetolive", lease, "-w", "json")) as {
    readonly ttl: number;
  };
  return ttl;
}

const connect = ({ url }: EtcdServer) => connectEtcd({ endpoints: [url], tls: null, prefix: "/quarterdeck/" }, signal);
