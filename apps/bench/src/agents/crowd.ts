import { join } from "node:path";
import { SimulatedAgent } from "@quarterdeck/agent/simulated";
import { connectEtcd, type EtcdClient, type TlsMaterial } from "@quarterdeck/etcd";
import { machineAt } from "../cluster-facts.ts";

/** Agents with a connection and an etcd user of their own; those beyond it share connections. */
export const MOST_OWN = 1_000;
/** Agents on one connection. */
const SHARED_BY = 100;

export type CrowdOptions = {
  readonly agents: number;
  readonly endpoints: readonly string[];
  readonly prefix: string;
  readonly ttlSeconds: number;
  /** Below it each machine has its disk. */
  readonly directory: string;
  /** Of the machine's own user. */
  readonly issue: (index: number) => Promise<TlsMaterial>;
  /** Of a user who may do what all agents may. */
  readonly shared: TlsMaterial;
};

/** Many agents in one process. */
export type Crowd = AsyncDisposable & {
  readonly agents: readonly SimulatedAgent[];
  /** Ends one at once; its presence lasts as long as its lease. */
  kill(index: number): Promise<void>;
};

/** Starts all of them; they are present a little later. */
export async function startCrowd(options: CrowdOptions, signal: AbortSignal): Promise<Crowd> {
  const { agents: count, endpoints, prefix, ttlSeconds, directory, issue, shared } = options;
  const over = new AbortController();
  const clients: EtcdClient[] = [];
  const connect = async (tls: TlsMaterial): Promise<EtcdClient> => {
    const client = await connectEtcd({ endpoints, tls, prefix, callTimeoutMs: 60_000 }, signal);
    clients.push(client);
    return client;
  };
  let common: EtcdClient | null = null;
  const running: { readonly agent: SimulatedAgent; readonly stop: AbortController; readonly ended: Promise<void> }[] =
    [];
  for (let index = 0; index < count; index += 1) {
    signal.throwIfAborted();
    if (index >= MOST_OWN && (index - MOST_OWN) % SHARED_BY === 0) common = await connect(shared);
    const client = index < MOST_OWN || common === null ? await connect(await issue(index)) : common;
    const agent = new SimulatedAgent({
      machine: machineAt(index),
      hostname: `m${index}`,
      client,
      directory: join(directory, `m${index}`),
      ttlSeconds,
    });
    const stop = new AbortController();
    const ended = agent.run(AbortSignal.any([stop.signal, over.signal]));
    running.push({ agent, stop, ended });
  }
  return {
    agents: running.map(({ agent }) => agent),
    async kill(index) {
      running[index]?.stop.abort();
      await running[index]?.ended;
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await Promise.all(running.map(({ ended }) => ended));
      for (const client of clients) await client[Symbol.asyncDispose]();
    },
  };
}
