import {
  createClusterDeriver,
  createLossWatch,
  createScheduleStage,
  createSystemClock,
  createWake,
  leadTerm,
  MIRRORED,
} from "@quarterdeck/engine/parts";
import { connectEtcd, keys, put, type EtcdClient, type Mirror, type Term, type Transact } from "@quarterdeck/etcd";
import { createAuditAuthority, startEtcdCluster } from "@quarterdeck/etcd/testing";
import { machineAt, presenceAt, writeAll, writeUnits } from "../cluster-facts.ts";

export type CommittedSize = { readonly machines: number; readonly units: number; readonly members: number };

export type Committed = CommittedSize & {
  /** From when the leader sent its first transaction to the answer of its last. */
  readonly commitMs: number;
  /** From the beginning of the term until every machine's watcher had all of its entries; planning is in it. */
  readonly allSeenMs: number;
  readonly transactions: number;
  /** Entries that came to the watchers: each of them once. */
  readonly seen: number;
  /** Of this process, which is the leader and all watchers. */
  readonly cpuMs: number;
};

const TTL_MS = 10_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The engine's own scheduling on etcd with fsync below `directory`: from units that run nowhere to an entry of each, with a watcher for every machine. */
export async function measureCommitted(
  { machines, units, members }: CommittedSize,
  directory: string,
  signal: AbortSignal,
): Promise<Committed> {
  await using cluster = await startEtcdCluster({ size: members, onDisk: directory });
  const options = { endpoints: cluster.endpoints, tls: null, prefix: "/quarterdeck/", callTimeoutMs: 60_000 };
  await using client = await connectEtcd(options, signal);
  await using others = await connectEtcd(options, signal);
  await writeAll(
    client,
    Array.from({ length: machines }, (_, index) => put(keys.presence(machineAt(index)), presenceAt(index))),
    signal,
  );
  await writeUnits(client, units, signal);
  await using mirror = await client.mirror(MIRRORED, signal);
  await using watchers = await watchSchedules(others, { machines, units }, signal);
  await using term = await client.campaign(
    {
      election: "engine/leader",
      value: { v: 1, machine: "bench", hostname: "bench", since: new Date().toISOString() },
      ttlSeconds: 10,
    },
    signal,
  );
  const timed = timeTerm(term, units);
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  await schedule(timed.term, { mirror, until: Promise.all([watchers.allSeen, timed.allAnswered]) }, signal);
  const allSeenMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpuBefore);
  const { commitMs, transactions } = timed.figures();
  return {
    machines,
    units,
    members,
    commitMs,
    allSeenMs,
    transactions,
    seen: watchers.seen(),
    cpuMs: (user + system) / 1000,
  };
}

type Scheduling = { readonly mirror: Mirror; readonly until: Promise<unknown> };

/** Leads with the one stage that places, until the watchers have seen all. */
async function schedule(term: Term, { mirror, until }: Scheduling, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);
  const clock = createSystemClock();
  const derive = createClusterDeriver(createLossWatch({ graceMs: 1_000, ttlMs: TTL_MS }), TTL_MS / 3, silent);
  const authority = await createAuditAuthority();
  const leading = leadTerm(
    {
      term,
      mirror,
      signer: await authority.signer(),
      stages: [createScheduleStage(derive, silent)],
      wake: createWake(clock),
      clock,
      log: silent,
    },
    ending,
  );
  try {
    await Promise.race([until, leading]);
  } finally {
    over.abort();
    await leading;
  }
}

/** The same term, with its writes timed; `allAnswered` resolves once so many entries are known to be committed. */
function timeTerm(term: Term, entries: number) {
  let [first, last, transactions, committed] = [0, 0, 0, 0];
  const all = Promise.withResolvers<void>();
  const transact: Transact = async (transaction, signal) => {
    if (first === 0) first = performance.now();
    const result = await term.transact(transaction, signal);
    last = performance.now();
    transactions += 1;
    if (result.committed) committed += transaction.then.filter(({ path }) => path.startsWith("schedule/")).length;
    if (committed >= entries) all.resolve();
    return result;
  };
  return {
    term: {
      leaderKey: term.leaderKey,
      fence: term.fence,
      get lost() {
        return term.lost;
      },
      check: () => term.check(),
      transact,
      resign: () => term.resign(),
      [Symbol.asyncDispose]: () => term[Symbol.asyncDispose](),
    } satisfies Term,
    allAnswered: all.promise,
    figures: () => ({ commitMs: last - first, transactions }),
  };
}

type Watchers = AsyncDisposable & { readonly allSeen: Promise<void>; readonly seen: () => number };

/** One follower for each machine's schedule; resolves when all of them stand. */
async function watchSchedules(
  client: EtcdClient,
  { machines, units }: Pick<CommittedSize, "machines" | "units">,
  signal: AbortSignal,
): Promise<Watchers> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const all = Promise.withResolvers<void>();
  let seen = 0;
  let standing = 0;
  const stand = Promise.withResolvers<void>();
  const following = Array.from({ length: machines }, async (_, index) => {
    for await (const event of client.follow([`schedule/${machineAt(index)}/`], {}, until)) {
      if (event.kind === "reset") {
        standing += 1;
        if (standing === machines) stand.resolve();
        continue;
      }
      seen += event.changes.length;
      if (seen >= units) all.resolve();
    }
  });
  await Promise.race([stand.promise, ...following]);
  return {
    allSeen: all.promise,
    seen: () => seen,
    async [Symbol.asyncDispose]() {
      over.abort();
      await Promise.all(following);
    },
  };
}
