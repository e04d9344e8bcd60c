import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { startEtcdCluster, type EtcdCluster } from "@quarterdeck/etcd/testing";
import { openBenchGround } from "../bench-ground.ts";
import { createProgress } from "../progress.ts";
import type { Report } from "../report.ts";
import { batchedPut } from "./batched-put.ts";
import type { BenchClient } from "./bench-client.ts";
import { benchValue } from "./bench-value.ts";
import { etcd3Client } from "./etcd3-client.ts";
import { measureWithEtcdsOwn, type OwnFigure } from "./etcds-own.ts";
import { groundOf } from "./ground.ts";
import { ourClient } from "./our-client.ts";
import { probeSizeLimit } from "./probe-size-limit.ts";
import { runRace, type Race, type Result } from "./race.ts";
import { putRace, races, SIZES, SNAPSHOT_PREFIX, type Runners, type Sizes } from "./races.ts";
import { renderEtcdReport } from "./render-etcd-report.ts";

export type EtcdBenchOptions = {
  /** Rounds that count. */
  readonly rounds: number;
  readonly sizes?: Sizes;
  /** Below it the data of etcd goes; gone afterwards. @default the user's home, for /tmp may be memory */
  readonly home?: string;
  /** Whether etcd's own tools are run where they are; `etcdctl check perf` takes a minute. @default true */
  readonly etcdsOwn?: boolean;
};

/**
 * Our client beside plain etcd3: the same etcd in the same run, in turn; one member, and three for the latency of a put. etcd keeps its data on
 * disk with fsync, as in earnest.
 * @throws {CodedError} NOT_FOUND where there is no etcd
 */
export async function benchEtcd(
  { rounds, sizes = SIZES, home, etcdsOwn = true }: EtcdBenchOptions,
  signal: AbortSignal,
): Promise<Report> {
  await using bench = await openBenchGround(home);
  const { binaries, directory } = bench;
  const progress = createProgress();
  const run = async (race: Race): Promise<readonly Result[]> => {
    signal.throwIfAborted();
    return runRace(race, rounds, (round) =>
      progress(`${race.title} beside ${race.rival}, ${round <= 0 ? "warming up" : `round ${round} of ${rounds}`}`),
    );
  };
  const results: Result[] = [];
  let limit = "";
  let own: readonly OwnFigure[] = [];
  {
    await using cluster = await startEtcdCluster({ size: 1, onDisk: directory });
    await using runners = await runnersOf(cluster, signal);
    results.push(...(await run(putRace(runners, sizes, 1))));
    progress(`writing ${sizes.snapshotKeys} keys for the snapshot`);
    await batchedPut(runners.ours, { keys: sizes.snapshotKeys, prefix: SNAPSHOT_PREFIX });
    limit = await probeSizeLimit(cluster.endpoints, SNAPSHOT_PREFIX);
    for (const race of races(runners, sizes)) results.push(...(await run(race)));
    if (etcdsOwn) own = await measureWithEtcdsOwn({ binaries, endpoints: cluster.endpoints }, progress, signal);
  }
  {
    await using cluster = await startEtcdCluster({ size: 3, onDisk: directory });
    await using ours = await ourClient(cluster.endpoints, signal);
    // A put through a follower goes one way further: both take the same member, whichever ours has chosen.
    await using theirs = etcd3Client([await endpointInUse(ours)]);
    const runners = { ours, theirs };
    results.push(...(await run(putRace(runners, sizes, 3))));
  }
  const ground = await groundOf(binaries, directory);
  const found = { ground, rounds, results, limit, own };
  return { text: renderEtcdReport(found), json: found };
}

/** The member that the client sends its next call to, as long as that one answers. */
async function endpointInUse(client: BenchClient): Promise<string> {
  let last = "";
  const note = (message: unknown): void => void ({ endpoint: last } = message as { readonly endpoint: string });
  subscribe(CALLS, note);
  await client.put({ path: "which", value: benchValue(0) });
  unsubscribe(CALLS, note);
  return last;
}

/** Our client's calls, told as they end. */
const CALLS = "quarterdeck.etcd.call";

async function runnersOf({ endpoints }: EtcdCluster, signal: AbortSignal): Promise<Runners & AsyncDisposable> {
  const ours = await ourClient(endpoints, signal);
  const theirs = etcd3Client(endpoints);
  const large = etcd3Client(endpoints, { grpcOptions: { "grpc.max_receive_message_length": -1 } });
  const writer = etcd3Client(endpoints);
  return {
    ours,
    theirs,
    large,
    writer,
    async [Symbol.asyncDispose]() {
      for (const client of [ours, theirs, large, writer]) await client[Symbol.asyncDispose]();
    },
  };
}
