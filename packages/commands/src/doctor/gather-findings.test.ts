import { connectEtcd } from "@quarterdeck/etcd";
import {
  fakeEtcd,
  findEtcd,
  HOW_TO_GET_ETCD,
  startEtcd,
  startEtcdCluster,
  type EtcdCluster,
} from "@quarterdeck/etcd/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { fakeContext, run, type Ran } from "../testing/fake-context.ts";

const signal = AbortSignal.timeout(120_000);

type Row = { readonly check: string; readonly state: string; readonly message: string };

const wrongOf = ({ view }: Ran): readonly string[] =>
  (view.json as readonly Row[])
    .filter(
      ({ state, check }) => (state === "failed" || state === "warn") && !/^(access|engine|agents|version)/.test(check),
    )
    .map(({ state, check, message }) => `${state} ${check}: ${message}`);

const examine = async (endpoints: readonly string[]): Promise<Ran> => {
  await using etcd = await connectEtcd({ endpoints, tls: null, prefix: "/quarterdeck/", callTimeoutMs: 2_500 }, signal);
  return await run(fakeContext(etcd, { clock: systemClock }), "doctor");
};

test("in Slack it says what is wrong from the bot's place, each fault for itself, and counts what is well", async () => {
  const ran = await run(fakeContext(fakeEtcd(), { surface: "slack" }), "doctor");
  expect(ran.view.exitCode).toBe(1);
  const notes = ran.view.blocks.map((block) => (block.kind === "note" ? `${block.tone} ${block.text}` : block.kind));
  expect(notes).toEqual([
    expect.stringMatching(/^bad \d+ of \d+ checks are ok, 2 failed, 1 to look at, 1 skipped$/),
    "bad access control: off: whoever reaches etcd can read and write everything; try: npm start, which turns it on with the roles of this cluster",
    expect.stringMatching(/^bad engine: none leads: requests wait; try: /),
    "warning agents: no machine has joined; try: /fleet list-machines",
  ]);
});

test("time that passes without an answer is told of by what is under way", async () => {
  const etcd = fakeEtcd();
  const held = Promise.withResolvers<void>();
  const slow = { ...etcd, health: (until: AbortSignal) => held.promise.then(() => etcd.health(until)) };
  let slept = 0;
  const clock = {
    now: () => 0,
    sleep: async (ms: number) => {
      expect(ms).toBe(2_000);
      if ((slept += 1) === 2) held.resolve();
    },
  };
  const { progress } = await run(fakeContext(slow, { clock }), "doctor");
  expect(JSON.stringify(progress[0]?.blocks)).toContain("asking each member of etcd how it is");
});

describe.skipIf(findEtcd() === null)(`a real etcd that is sick (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  test("full: NOSPACE is told, and what of it is to be expected", async () => {
    await using server = await startEtcd({ quotaBytes: 400_000 });
    await using etcd = await connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
    const fill = async (): Promise<unknown> => {
      for (;;) await etcd.raw.put("/big", "x".repeat(100_000), signal);
    };
    await expect(fill()).rejects.toMatchObject({ code: "FAILED" });
    const ran = await examine([server.url]);
    expect(ran.view.exitCode).toBe(1);
    expect(wrongOf(ran)).toEqual([
      expect.stringMatching(/^warn database .* MiB of 0\.4 MiB \(\d+ %\)/),
      "failed alarms: NOSPACE: etcd is full, and takes only reads and deletes",
    ]);
  });

  describe("three members", () => {
    let cluster: EtcdCluster;
    beforeAll(async () => {
      cluster = await startEtcdCluster();
    });
    afterAll(() => cluster[Symbol.asyncDispose]());

    test("of which one is dead, the others serving on, then two, and nobody leading", async () => {
      const [first, second] = cluster.members;
      const dead = (url: string): string =>
        `failed tcp ${url}: etcd at ${url} is not there: nothing listens (ECONNREFUSED)`;
      await expect.poll(async () => wrongOf(await examine(cluster.endpoints)), { timeout: 30_000 }).toEqual([]);
      await first?.kill();
      await expect
        .poll(async () => wrongOf(await examine(cluster.endpoints)), { timeout: 30_000 })
        .toEqual([dead(cluster.endpoints[0] ?? "")]);
      await second?.kill();
      const lines = async (): Promise<readonly string[]> => wrongOf(await examine(cluster.endpoints));
      await expect
        .poll(lines, { timeout: 30_000 })
        .toEqual(
          expect.arrayContaining([
            dead(cluster.endpoints[0] ?? ""),
            dead(cluster.endpoints[1] ?? ""),
            expect.stringMatching(/^failed etcd .* has no leader: half of its members or more are away$/),
            "failed leader: there is none: 1 of 3 members answer",
          ]),
        );
      // One answers: there is an etcd, and it is not well.
      expect((await examine(cluster.endpoints)).view.exitCode).toBe(1);
    });
  });
});
