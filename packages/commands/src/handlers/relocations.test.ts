import { keys, put, type EtcdClient } from "@quarterdeck/etcd";
import type { Move, Relocation, RelocationId, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import {
  AT,
  because,
  clusterOf,
  entry,
  HELLO,
  M1,
  M2,
  M3,
  machine,
  state,
  unit,
  write,
} from "../testing/seed-cluster.ts";

const { signal } = new AbortController();
const DRAIN = "drain-0000000000000000" as RelocationId;

const cluster = (cordoned = false) =>
  clusterOf(machine(M1, { cordoned }), machine(M2), machine(M3), unit(HELLO), entry(M1, HELLO, "1"), state(M1, HELLO));

const move = (changes: Partial<Move> = {}): Move => ({
  units: [HELLO],
  from: M1,
  to: null,
  order: null,
  state: "pending",
  startedAt: null,
  sick: false,
  reason: null,
  refusals: [],
  ...changes,
});
const stays = (name: string, code: "NO_CANDIDATE" | "GLOBAL_UNIT" | "REQUESTED" = "NO_CANDIDATE"): Move =>
  move({
    units: [name as UnitName],
    state: "stays",
    reason: because(code, "all 2 other machines refuse it"),
    refusals:
      code === "NO_CANDIDATE"
        ? [
            { machine: M2, reason: because("METADATA_MISMATCH", "m2 has no disk, not disk=ssd") },
            { machine: M3, reason: because("MACHINE_CORDONED", "cordoned") },
          ]
        : [],
  });

const drained = (changes: Partial<Relocation> = {}): Relocation => ({
  v: 1,
  id: DRAIN,
  kind: "drain",
  machine: M1,
  max: null,
  state: "running",
  moves: [],
  reason: because("MOVED", "1 of 1 moved"),
  request: "request-1" as Relocation["request"],
  by: "operator:test",
  startedAt: AT,
  endedAt: null,
  ...changes,
});

/** The engine tells these, one after the other. */
async function playing(etcd: EtcdClient, ...told: readonly Partial<Relocation>[]): Promise<void> {
  fakeEngine(
    etcd,
    async () => {
      const [first, ...others] = told.map((changes) => put(keys.relocation(DRAIN), drained(changes)));
      if (first !== undefined) await write(etcd, first);
      setTimeout(
        () =>
          void others.reduce<Promise<unknown>>((before, one) => before.then(() => write(etcd, one)), Promise.resolve()),
        0,
      );
      return { changed: [M1], relocation: DRAIN, reason: because("REQUESTED", "drain m1") };
    },
    signal,
  );
}

test("drain shows how far it is, and is done when its moves are", async () => {
  const etcd = await cluster();
  await playing(
    etcd,
    { state: "ordered" },
    { moves: [move({ state: "moving", to: M2, order: "start-first", startedAt: AT })] },
    { state: "done", moves: [move({ state: "done", to: M2, reason: because("MOVED", "runs on m2") })] },
  );
  const { view, progress } = await run(fakeContext(etcd), "drain", "m1", "--yes");
  expect(view).toMatchObject({
    exitCode: 0,
    json: { request: "request-1", state: "done", changed: [HELLO], reason: "MOVED: 1 of 1 moved" },
  });
  expect(textOf(view)).toContain("m1 is drained and cordoned: 1 moved");
  expect(JSON.stringify(progress)).toContain("0 of 1 moved; hello.service: m1 → m2: is being placed");
});

test("what could not leave is named with a reason per machine, and the exit code is 5", async () => {
  const etcd = await cluster();
  await playing(etcd, {
    state: "done",
    moves: [stays("a.service"), stays("b.service"), stays("g.service", "GLOBAL_UNIT")],
  });
  const { view } = await run(fakeContext(etcd), "drain", "m1", "--yes");
  expect(view).toMatchObject({
    exitCode: 5,
    json: {
      state: "failed",
      error: {
        code: "UNPLACEABLE",
        message: "a.service, b.service can go nowhere else and stay on m1",
        why: "a.service: m2 has no disk, not disk=ssd; m3: cordoned; b.service: m2 has no disk, not disk=ssd; m3: cordoned",
        try: "fleet why a.service",
      },
    },
  });
});

test("Global units stay, and keep no drain from being done", async () => {
  const etcd = await cluster();
  await playing(etcd, { state: "done", moves: [stays("g.service", "GLOBAL_UNIT")] });
  const { view } = await run(fakeContext(etcd), "drain", "m1", "--yes");
  expect(view).toMatchObject({ exitCode: 0, json: { state: "unchanged" } });
  expect(textOf(view)).toContain("g.service stays, being Global");
});

test("a move that failed ends it with what the engine says, and what was not begun", async () => {
  const etcd = await cluster();
  const reason = because("MOVE_FAILED", "hello.service failed on m2 (exit-code); it goes on where it was, on m1");
  await playing(etcd, { state: "failed", reason, moves: [move({ state: "failed", to: M2, reason }), move()] });
  const { view } = await run(fakeContext(etcd), "drain", "m1", "--yes");
  expect(view).toMatchObject({
    exitCode: 1,
    json: { error: { code: "UNHEALTHY", why: "1 more was not begun", try: "fleet journal hello.service" } },
  });
  expect(textOf(view)).toContain("hello.service says hello on 10.78.0.12");
});

test("a drain that was ended by uncordon is overtaken", async () => {
  const etcd = await cluster();
  await playing(etcd, { state: "done", moves: [stays("a.service", "REQUESTED")] });
  expect((await run(fakeContext(etcd), "drain", "m1", "--yes")).view).toMatchObject({
    exitCode: 8,
    json: { error: { code: "CONFLICT" } },
  });
});

test("drain asks first, and asks nothing of the engine without a yes", async () => {
  const etcd = await cluster();
  const refused = await run(fakeContext(etcd), "drain", "m1");
  expect([refused.view.exitCode, codeOf(refused.view)]).toEqual([2, "CONFIRMATION_NEEDED"]);
  expect(textOf(refused.view)).toContain("1 unit on m1 would be moved");
  const questions: string[] = [];
  const no = fakeContext(etcd, { confirm: async (question) => (questions.push(question), false) });
  expect((await run(no, "drain", "m1")).view.exitCode).toBe(2);
  expect(questions).toEqual(["drain m1: cordon it and move 1 unit elsewhere?"]);
  expect(Object.keys(etcd.dump()).filter((key) => key.startsWith("requests/"))).toEqual([]);
  expect((await run(fakeContext(etcd, { confirm: async () => true }), "drain", "m1", "--no-block")).view.exitCode).toBe(
    0,
  );
});

test("a drain that makes no progress is still going on when the time is over", async () => {
  const etcd = await cluster();
  await playing(etcd, { moves: [move({ state: "moving", to: M2, startedAt: AT })] });
  expect((await run(fakeContext(etcd), "drain", "m1", "--yes", "--timeout", "20s")).view).toMatchObject({
    exitCode: 6,
    json: { state: "running", error: { code: "TIMED_OUT" } },
  });
});

test("rebalance says what it moved; nothing to move is unchanged", async () => {
  const etcd = await cluster();
  const asked = fakeEngine(
    etcd,
    async () => {
      await write(etcd, put(keys.relocation(DRAIN), drained({ kind: "rebalance", machine: null, state: "done" })));
      return { changed: ["cluster"], relocation: DRAIN };
    },
    signal,
  );
  const { view } = await run(fakeContext(etcd), "rebalance", "--max", "3");
  expect(asked[0]?.action).toEqual({ verb: "rebalance", max: 3 });
  expect(view).toMatchObject({ exitCode: 0, json: { state: "unchanged", changed: [] } });
  expect(textOf(view)).toContain("nothing to move");
  expect((await run(fakeContext(etcd), "rebalance", "--max", "0")).view.exitCode).toBe(2);
});

test("of many moves only those are shown that something is to be said of", async () => {
  const etcd = await cluster();
  const many = Array.from({ length: 30 }, (_, index) =>
    move({ units: [`u${index}.service` as UnitName], state: "done" }),
  );
  await playing(etcd, { state: "done", moves: [...many, stays("a.service")] });
  const { view } = await run(fakeContext(etcd), "drain", "m1", "--yes");
  expect(textOf(view)).not.toContain("u7.service");
  expect(textOf(view)).toContain("a.service");
});

test("machine tells of the drain that its machine was cordoned by", async () => {
  const etcd = await cluster(true);
  await write(etcd, put(keys.relocation(DRAIN), drained({ moves: [move({ state: "done" }), move()] })));
  const { view } = await run(fakeContext(etcd), "machine", "m1");
  expect(view.json).toMatchObject({ drain: { state: "running", moved: 1, total: 2 } });
  expect(textOf(view)).toContain("going on, 1 of 2 moved");
});
