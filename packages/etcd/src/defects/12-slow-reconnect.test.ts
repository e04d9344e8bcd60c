import { ExponentialBackoff } from "cockatiel";
import { WatchManager } from "etcd3/lib/watch.js";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { backoffMs } from "../connection/backoff.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";

afterEach(() => void vi.useRealTimers());

describe("defect 12: a slow reconnect", () => {
  test("etcd3 waits for half a minute before it tries again", async () => {
    vi.useFakeTimers();
    const tries: number[] = [];
    const watch = (): Promise<never> => {
      tries.push(performance.now());
      return Promise.reject(new Error("unreachable"));
    };
    const manager = new WatchManager({ watch } as never, new ExponentialBackoff() as never);
    manager.attach({ emit: () => true } as never);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(Math.max(...gaps(tries))).toBeGreaterThan(10_000);
  });

  test("ours never waits longer than three seconds", () => {
    fc.assert(
      fc.property(fc.nat(10_000), (failures) => {
        expect(backoffMs(failures)).toBeGreaterThanOrEqual(100);
        expect(backoffMs(failures)).toBeLessThanOrEqual(3_000);
      }),
    );
  });

  test.skipIf(findEtcd() === null)(
    `ours is back soon after etcd is (${HOW_TO_GET_ETCD})`,
    { timeout: 30_000 },
    async () => {
      const signal = AbortSignal.timeout(30_000);
      await using server = await startEtcd();
      await using client = await connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
      await using mirror = await client.mirror(["epoch"], signal);
      await server.kill();
      // Long enough for several tries in vain.
      await expect.poll(() => mirror.ageMs(), { timeout: 10_000 }).toBeGreaterThan(4_000);
      await server.restart();
      const backAt = performance.now();
      await etcdctl(server, "put", "/quarterdeck/epoch", '{"v":1,"epoch":1,"released":true}');
      for await (const _ of mirror.changes(signal)) if (mirror.get(keys.epoch()) !== null) break;
      // The longest wait of all, and the time to connect on a busy machine.
      expect(performance.now() - backAt).toBeLessThan(8_000);
    },
  );
});

const gaps = (times: readonly number[]): readonly number[] =>
  times.slice(1).map((time, index) => time - (times[index] ?? 0));
