import { batchedPut, singlePuts } from "./batched-put.ts";
import type { BenchClient } from "./bench-client.ts";
import { concurrentPuts } from "./concurrent-puts.ts";
import { eventLatency } from "./event-latency.ts";
import { fanOut } from "./fan-out.ts";
import type { Metric, Race } from "./race.ts";
import { readAll } from "./read-all.ts";
import { sequentialPut } from "./sequential-put.ts";

/** How much each race does in a round. */
export type Sizes = {
  readonly sequentialPuts: number;
  readonly concurrentPuts: number;
  readonly bursts: number;
  readonly batchedKeys: number;
  /** What etcd3 puts one by one, for the same rate. */
  readonly singleKeys: number;
  readonly snapshotKeys: number;
  readonly followers: number;
  readonly fanOutEvents: number;
  readonly latencyEvents: number;
};

export const SIZES: Sizes = {
  sequentialPuts: 400,
  concurrentPuts: 1_000,
  bursts: 6,
  batchedKeys: 20_000,
  singleKeys: 2_000,
  snapshotKeys: 100_000,
  followers: 1_000,
  fanOutEvents: 10,
  latencyEvents: 1_000,
};

/** Where the keys lie that {@link snapshotRace} reads. */
export const SNAPSHOT_PREFIX = "snapshot/";

/** Clients of one cluster. */
export type Runners = {
  readonly ours: BenchClient;
  readonly theirs: BenchClient;
  /** etcd3 told to take messages of any size. */
  readonly large: BenchClient;
  /** Writes what the two follow; etcd3 for both. */
  readonly writer: BenchClient;
};

/** Put latency of a cluster with so many members. */
export function putRace({ ours, theirs }: Pick<Runners, "ours" | "theirs">, sizes: Sizes, members: number): Race {
  return alike(`sequential put, ${counted(members, "member")}`, [less("ms a put")], [ours, theirs], (client) =>
    one(sequentialPut(client, sizes.sequentialPuts)),
  );
}

/** All others, on a cluster of one; {@link SNAPSHOT_PREFIX} holds the keys by then. */
export function races({ ours, theirs, large, writer }: Runners, sizes: Sizes): readonly Race[] {
  const both = [ours, theirs] as const;
  const { followers } = sizes;
  const crowd = { followers, events: sizes.fanOutEvents, writer };
  const batch = { keys: sizes.batchedKeys, prefix: "batched/" };
  const snapshot = { prefix: SNAPSHOT_PREFIX, keys: sizes.snapshotKeys };
  const title = `batched put, ${grouped(sizes.batchedKeys)} keys`;
  return [
    alike(`${grouped(sizes.concurrentPuts)} puts at once`, [less("ms for all of them")], both, (client) =>
      one(concurrentPuts(client, { puts: sizes.concurrentPuts, bursts: sizes.bursts })),
    ),
    {
      ...alike(title, [more("keys a second")], both, (client) => one(batchedPut(client, batch))),
      rival: "etcd3 in batches",
    },
    {
      title,
      rival: "etcd3, single puts",
      metrics: [more("keys a second")],
      ours: () => one(batchedPut(ours, batch)),
      theirs: () => one(singlePuts(theirs, { ...batch, keys: sizes.singleKeys })),
    },
    {
      ...alike(`snapshot, ${grouped(snapshot.keys)} keys`, [less("ms until in memory")], [ours, large], (client) =>
        one(readAll(client, snapshot)),
      ),
      rival: "etcd3, no size limit",
    },
    alike(
      `one prefix, ${grouped(followers)} followers`,
      [less("ms to open them"), less("ms from put to all")],
      both,
      (client) => fanOut(client, crowd),
    ),
    alike("event latency, one follower", [less("ms, p50"), less("ms, p99")], both, (client) =>
      eventLatency(client, { events: sizes.latencyEvents, writer }),
    ),
  ];
}

function alike(
  title: string,
  metrics: readonly Metric[],
  [ours, theirs]: readonly [BenchClient, BenchClient],
  run: (client: BenchClient) => Promise<readonly number[]>,
): Race {
  return { title, rival: "etcd3", metrics, ours: () => run(ours), theirs: () => run(theirs) };
}

const one = async (figure: Promise<number>): Promise<readonly number[]> => [await figure];
const less = (name: string): Metric => ({ name, better: "less" });
const more = (name: string): Metric => ({ name, better: "more" });
const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
const grouped = (count: number): string => count.toLocaleString("en-US");
