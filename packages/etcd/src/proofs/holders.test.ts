import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startEtcdCluster } from "../testing/etcd-cluster.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { holderCommands } from "./holder-commands.ts";
import { HolderWorld } from "./holder-world.ts";
import { proofSettings } from "./proof-settings.ts";

/** The tenth of all runs that the followers leave. */
const LANES = [
  { size: 1, share: 0.023 },
  { size: 1, share: 0.023 },
  { size: 1, share: 0.023 },
  { size: 1, share: 0.023 },
  { size: 3, share: 0.008 },
];
const { seed, runs } = proofSettings;

describe
  .skipIf(findEtcd() === null)
  .concurrent(
    `whatever happens, no two hold one election or lock (QUARTERDECK_SEED=${seed}; ${HOW_TO_GET_ETCD})`,
    { timeout: 120_000 + runs * 2_000 },
    () => {
      test.each(LANES.map((lane, index) => ({ ...lane, index })))(
        "on $size member(s), lane $index",
        async ({ size, share, index }) => {
          await using cluster = await startEtcdCluster({ size, seed });
          let run = 0;
          let seen = { acknowledged: 0, refused: 0 };
          const once = fc.asyncProperty(holderCommands, async (commands) => {
            const site = { prefix: `/proof/${(run += 1)}/`, seed: seed + run };
            await using world = await HolderWorld.open(cluster, site, AbortSignal.timeout(120_000));
            await world.contend();
            await fc.asyncModelRun(() => ({ model: { isSound: true, size }, real: world }), commands);
            const { acknowledged, refused } = await world.settle();
            seen = { acknowledged: seen.acknowledged + acknowledged, refused: seen.refused + refused };
          });
          await fc.assert(once, { seed: seed + index, numRuns: Math.ceil(runs * share), endOnFailure: true });
          expect(run).toBeGreaterThanOrEqual(Math.ceil(runs * share));
          // Nothing would be proved by candidates that never held, or were never late.
          expect(seen.acknowledged).toBeGreaterThan(run / 2);
          if (run > 4) expect(seen.refused).toBeGreaterThan(0);
        },
      );
    },
  );
