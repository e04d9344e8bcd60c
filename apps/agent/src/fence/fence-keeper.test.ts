import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@quarterdeck/daemon";
import type { EtcdClient, Lease } from "@quarterdeck/etcd";
import type { MachineId, UnitName } from "@quarterdeck/model";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stillClock } from "../testing-fixture.ts";
import { readDeadline, writeDeadline, type FencePlaces } from "./fence-files.ts";
import { FenceKeeper } from "./fence-keeper.ts";

const MACHINE = "a".repeat(32) as MachineId;
const UNIT = "only.service" as UnitName;
const log = createLogger("test");
log.level = "silent";

let places: FencePlaces;
let stops: string[];
const present = Promise.resolve();

beforeEach(async () => {
  const run = await mkdtemp(join(tmpdir(), "quarterdeck-fence-"));
  places = { run, links: join(run, "links") };
  stops = [];
});

afterEach(() => rm(places.run, { recursive: true, force: true }));

/** A lease whose keep-alives were sent when the test says. */
function aLease(id: string, sentAtMs: readonly number[]): Lease & { lose(): void; readonly asked: readonly number[] } {
  const lost = new AbortController();
  const asked: number[] = [];
  return {
    id,
    asked,
    askEvery: (part) => void asked.push(part),
    ttlSeconds: 10,
    lost: lost.signal,
    lose: () => lost.abort(),
    leftMs: () => 1,
    check: () => undefined,
    async *renewals(signal) {
      yield* sentAtMs;
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
      });
    },
    detach: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function aKeeper(options: { readonly revision?: bigint; readonly aheadMs?: () => number } = {}): FenceKeeper {
  const { revision = 20n, aheadMs = () => 5000 } = options;
  const entries = [{ names: [UNIT], modRevision: 12n }];
  return new FenceKeeper({
    client: { list: () => Promise.resolve({ revision, entries, unreadable: [] }) } as unknown as EtcdClient,
    machine: MACHINE,
    manager: {
      stop: (unit) => {
        stops.push(unit);
        return Promise.resolve("done");
      },
    },
    places,
    ttlSeconds: 10,
    clock: stillClock,
    bootMs: () => performance.now() + aheadMs(),
    log,
    onChange: () => undefined,
  });
}

test("the deadline counts from when the acknowledged keep-alive was sent", async () => {
  const stop = new AbortController();
  const kept = aKeeper().keep(aLease("1a", [100, 1000]), present, stop.signal);
  await vi.waitFor(async () => expect((await readDeadline(places))?.bootMs).toBeGreaterThan(12_000));
  const deadline = await readDeadline(places);
  // 1000 was sent, 5000 is what boot time is ahead, 6666 is how long the fence holds; in hundredths, rounded down.
  expect(deadline?.lease).toBe("1a");
  expect(deadline?.bootMs).toBeGreaterThanOrEqual(12_640);
  expect(deadline?.bootMs).toBeLessThanOrEqual(12_666);
  stop.abort();
  await kept;
  expect(stops).toEqual([]);
});

test("for how long the machine was suspended between the sending and the answer is not put on top", async () => {
  const stop = new AbortController();
  let aheadMs = 5000;
  const keeper = aKeeper({ aheadMs: () => aheadMs });
  aheadMs = 65_000;
  const kept = keeper.keep(aLease("1a", [1000]), present, stop.signal);
  await vi.waitFor(async () => expect(await readDeadline(places)).not.toBeNull());
  expect((await readDeadline(places))?.bootMs).toBeLessThanOrEqual(12_666);
  stop.abort();
  await kept;
});

test("an entry is permitted when etcd had it after presence was written, or when it is newer than that", async () => {
  const stop = new AbortController();
  const lease = aLease("1a", [0]);
  const keeper = aKeeper();
  const written = Promise.withResolvers<void>();
  const kept = keeper.keep(lease, written.promise, stop.signal);
  expect(keeper.permits(UNIT, "12")).toBe(false);
  written.resolve();
  await vi.waitFor(() => expect(keeper.permits(UNIT, "12")).toBe(true));
  expect(keeper.permits(UNIT, "11")).toBe(false);
  expect(keeper.permits(UNIT, "21")).toBe(true);
  lease.lose();
  expect(keeper.permits(UNIT, "12")).toBe(false);
  await kept;
});

test("a lost lease brings the fence down at once; an agent that is told to stop leaves it to its deadline", async () => {
  const stop = new AbortController();
  const lease = aLease("1a", [0]);
  const kept = aKeeper().keep(lease, present, stop.signal);
  await vi.waitFor(async () => expect(await readDeadline(places)).not.toBeNull());
  lease.lose();
  await kept;
  expect(stops).toEqual(["quarterdeck-fence.service"]);
});

test("the next agent takes over the fence of the lease that it resumes, and brings down that of any other", async () => {
  for (const [former, expected] of [
    ["1a", []],
    ["2b", ["quarterdeck-fence.service"]],
  ] as const) {
    stops = [];
    await writeDeadline(places, { lease: former, bootMs: 50 });
    const stop = new AbortController();
    const kept = aKeeper().keep(aLease("1a", [1000]), present, stop.signal);
    await vi.waitFor(async () => expect((await readDeadline(places))?.bootMs).toBeGreaterThan(50));
    stop.abort();
    await kept;
    expect(stops).toEqual(expected);
  }
});

test("etcd is asked every fifth of the lease where singletons run or may, and every third where none do", async () => {
  const stop = new AbortController();
  const [first, second] = [aLease("1a", [100]), aLease("2b", [100])];
  const keeper = aKeeper();
  const kept = keeper.keep(first, present, stop.signal);
  keeper.need(false);
  keeper.need(true);
  keeper.need(false);
  expect(first.asked).toEqual([5, 3, 5, 3]);
  first.lose();
  await kept;
  const keptAgain = keeper.keep(second, present, stop.signal);
  expect(second.asked).toEqual([3]);
  stop.abort();
  await keptAgain;
  keeper.need(true);
  expect(second.asked).toEqual([3]);
});
