import { once } from "node:events";
import { CodedError } from "@quarterdeck/model";
import type { EtcdClient } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { put } from "../transaction/operation.ts";

/** What the program prints, one JSON object a line. */
export type LeaseProcessLine =
  | { readonly kind: "held"; readonly lease: string }
  /** After it was stopped and woken: what it knew without asking, and what came of its first acts. */
  | {
      readonly kind: "woken";
      readonly stoppedMs: number;
      readonly toldBefore: boolean;
      readonly check: string;
      readonly write: string;
    };

/**
 * A process that holds a lease with a key (`epoch`) on it, for tests that stop it or have another one take over: `node lease-process.ts
 * stop|leave <url> <ttl>` or `resume <url> <lease>`.
 */
async function main([verb = "", url = "", argument = ""]: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const connect = () => connectEtcd({ endpoints: [url], tls: null, prefix: "/quarterdeck/" }, signal);
  await using client = await connect();
  if (verb === "resume") return await resume(client, argument, signal);
  const lease = await client.grantLease({ ttlSeconds: Number(argument) }, signal);
  await client.transact({ when: [], then: [epoch(lease.id)] }, signal);
  if (verb === "leave") {
    await lease.detach();
    return say({ kind: "held", lease: lease.id });
  }
  // Of another client: whoever looks at the clock first looks for all leases of its client.
  await using other = await connect();
  const another = await other.grantLease({ ttlSeconds: Number(argument) }, signal);
  let told = false;
  for (const { lost } of [lease, another]) lost.addEventListener("abort", () => (told = true));
  say({ kind: "held", lease: lease.id });
  const stoppedAt = performance.now();
  process.kill(process.pid, "SIGSTOP");
  const stoppedMs = performance.now() - stoppedAt;
  const toldBefore = told;
  const check = await refusalOf(async () => lease.check());
  const write = await refusalOf(() => other.transact({ when: [], then: [epoch(another.id)] }, signal));
  say({ kind: "woken", stoppedMs, toldBefore, check, write });
}

/** Until its input ends. */
async function resume(client: EtcdClient, id: string, signal: AbortSignal): Promise<void> {
  await using lease = await client.resumeLease(id, signal);
  if (lease === null) return;
  say({ kind: "held", lease: lease.id });
  process.stdin.resume();
  await once(process.stdin, "end");
}

const epoch = (lease: string) => put(keys.epoch(), { v: 1, epoch: 1, released: true }, { lease });

function say(line: LeaseProcessLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function refusalOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return "done";
  } catch (error) {
    if (error instanceof CodedError) return `${error.code} ${error.message}`;
    throw error;
  }
}

if (import.meta.main) await main(process.argv.slice(2));
