import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startEtcdCluster } from "../testing/etcd-cluster.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { followerCommands } from "./follower-commands.ts";
import { FollowerWorld } from "./follower-world.ts";
import { proofSettings } from "./proof-settings.ts";

/** Side by side, for most of a run is waiting; of all runs nine in ten go to these, the rest to the holders. */
const LANES = [
  { size: 1, share: 0.28 },
  { size: 1, share: 0.28 },
  { size: 1, share: 0.28 },
  { size: 3, share: 0.06 },
];
const { seed, runs } = proofSettings;

describe
  .skipIf(findEtcd() === null)
  .concurrent(
    `whatever happens, followers see what etcd has (QUARTERDECK_SEED=${seed}; ${HOW_TO_GET_ETCD})`,
    { timeout: 120_000 + runs * 2_000 },
    () => {
      test.each(LANES.map((lane, index) => ({ ...lane, index })))(
        "on $size member(s), lane $index",
        async ({ size, share, index }) => {
          await using cluster = await startEtcdCluster({ size, seed });
          let run = 0;
          const once = fc.asyncProperty(followerCommands, async (commands) => {
            const signal = AbortSignal.timeout(120_000);
            await using world = await FollowerWorld.open(cluster, `/proof/${(run += 1)}/`, signal);
            world.follow(["a/", "b/", "c"], null);
            world.follow(["a/"], null);
            await fc.asyncModelRun(() => ({ model: { isSound: true, size }, real: world }), commands);
            await world.settle();
          });
          await fc.assert(once, { seed: seed + index, numRuns: Math.ceil(runs * share), endOnFailure: true });
          expect(run).toBeGreaterThanOrEqual(Math.ceil(runs * share));
        },
      );
    },
  );
