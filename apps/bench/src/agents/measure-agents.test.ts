import { findEtcd, HOW_TO_GET_ETCD } from "@quarterdeck/etcd/testing";
import { expect, test } from "vitest";
import { measureAgents } from "./measure-agents.ts";

test.skipIf(findEtcd() === null)(
  `20 agents: each of 100 units runs exactly once, one change wakes one machine, and a loss moves its units alone (${HOW_TO_GET_ETCD})`,
  { timeout: 60_000 },
  async () => {
    const ground = { directory: null, ttlSeconds: 2, progress: () => undefined };
    const found = await measureAgents({ agents: 20, units: 100 }, ground, AbortSignal.timeout(50_000));
    expect(found.misplaced).toEqual([]);
    expect(found.change).toMatchObject({ watchesTold: 1, statesWritten: 1 });
    expect(found.loss.startsElsewhere).toBe(found.loss.units);
    expect(found.loss.units).toBeGreaterThan(0);
  },
);
