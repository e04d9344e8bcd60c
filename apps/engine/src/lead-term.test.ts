import { absent, keys, put, remove, type Transaction } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";
import { expect, test } from "vitest";
import { leadTerm } from "./lead-term.ts";
import type { Pass, Stage } from "./stage.ts";
import { settle } from "./testing/engine-world.ts";
import { name, unitFacts } from "./testing/facts.ts";
import { createFakeClock } from "./testing/fake-clock.ts";
import { engineSigner } from "./testing/signing.ts";
import { createWake } from "./wake.ts";

const create = (unit: string): Transaction => {
  const key = keys.unit(name(unit));
  return { when: [absent(key)], then: [put(key, unitFacts())] };
};

/** Plans the transactions it is given, one a pass, until they are in etcd. */
function stageOf(label: string, ...transactions: readonly Transaction[]): Stage & { readonly planned: string[] } {
  const planned: string[] = [];
  return {
    name: label,
    planned,
    plan({ view }: Pass) {
      const next = transactions.find(
        ({ then }) => view.get({ ...keys.unit(name("x.service")), path: then[0]?.path ?? "" }) === null,
      );
      if (next === undefined) return { commits: [], dueAt: null };
      planned.push(next.then[0]?.path ?? "");
      return { commits: [{ transaction: next, message: label, fields: {} }], dueAt: null };
    },
  };
}

async function led(...stages: readonly Stage[]) {
  const etcd = fakeEtcd();
  const other = etcd.connect();
  const stop = new AbortController();
  const clock = createFakeClock();
  const lines: string[] = [];
  const note = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const mirror = await etcd.mirror(["units/", "engine/"], stop.signal);
  const term = await etcd.campaign(
    { election: "engine/leader", value: { v: 1, machine: "m1", hostname: "m1", since: "" }, ttlSeconds: 5 },
    stop.signal,
  );
  const done = leadTerm(
    {
      term,
      mirror,
      signer: engineSigner(0),
      stages,
      wake: createWake(clock),
      clock,
      log: { info: note, warn: note, error: note },
    },
    stop.signal,
  );
  const units = () => Object.keys(etcd.dump()).filter((path) => path.startsWith("units/"));
  return { etcd, other, term, clock, lines, units, done, stop };
}

test("a deposed leader that does not know it yet writes nothing", async () => {
  const gate = Promise.withResolvers<void>();
  const signal = new AbortController().signal;
  const late: Stage & { armed: boolean } = {
    name: "late",
    armed: false,
    plan() {
      if (!late.armed) return { commits: [], dueAt: null };
      // In the instant between the plan and its write the key goes, and the leader cannot have heard of it.
      void world.other
        .transact({ when: [], then: [remove({ path: world.term.leaderKey })] }, signal)
        .then(() => gate.resolve());
      return { commits: [{ transaction: create("late.service"), message: "late", fields: {} }], dueAt: null };
    },
  };
  const world = await led(late);
  await settle();
  late.armed = true;
  await world.other.transact({ when: [], then: [put(keys.unit(name("wakes.service")), unitFacts())] }, signal);
  await gate.promise;
  await world.done;
  expect(world.units()).toEqual(["units/wakes.service"]);
  expect(world.term.lost.aborted).toBe(true);
});

test("stages take turns, so that a busy one starves nobody", async () => {
  const busy = stageOf("busy", create("b1.service"), create("b2.service"), create("b3.service"));
  const quiet = stageOf("quiet", create("q1.service"));
  const world = await led(busy, quiet);
  await settle();
  expect(world.lines.map((line) => line.split(" ")[0])).toEqual(["busy", "quiet", "busy", "busy"]);
  world.stop.abort();
  await world.done;
});

test("a stage that throws keeps nobody from work and is asked again", async () => {
  let asked = 0;
  const broken: Stage = {
    name: "broken",
    plan() {
      asked += 1;
      throw new TypeError("a bug");
    },
  };
  const world = await led(broken, stageOf("good", create("g.service")));
  await settle();
  expect(world.units()).toEqual(["units/g.service"]);
  const before = asked;
  world.clock.advance(1_000);
  await settle();
  expect(asked).toBeGreaterThan(before);
  expect(world.lines.some((line) => line.startsWith("a stage failed") && line.includes("INTERNAL"))).toBe(true);
  world.stop.abort();
  await world.done;
});

test("a write that etcd refuses for good is told to its stage and does not end the term", async () => {
  const refused: string[] = [];
  const huge = Array.from({ length: 200 }, (_, index) => put(keys.unit(name(`u${index}.service`)), unitFacts()));
  const stage: Stage = {
    name: "huge",
    plan: () =>
      refused.length > 0
        ? { commits: [], dueAt: null }
        : {
            commits: [
              {
                transaction: { when: [], then: huge },
                message: "huge",
                fields: {},
                onRefused: ({ code }) => void refused.push(code),
              },
            ],
            dueAt: null,
          },
  };
  const world = await led(stage);
  await settle();
  world.clock.advance(1_000);
  await settle();
  expect(refused).toEqual(["ETCD_TOO_LARGE"]);
  expect(world.term.lost.aborted).toBe(false);
  world.stop.abort();
  await world.done;
});

test("a plan that comes too late is planned anew from what changed", async () => {
  const signal = new AbortController().signal;
  const racer: Stage & { armed: boolean; planned: number } = {
    name: "racer",
    armed: false,
    planned: 0,
    plan({ view }) {
      if (!racer.armed || view.get(keys.unit(name("r.service"))) !== null) return { commits: [], dueAt: null };
      racer.planned += 1;
      void world.other.transact(
        { when: [], then: [put(keys.unit(name("r.service")), unitFacts({ generation: 7 }))] },
        signal,
      );
      return { commits: [{ transaction: create("r.service"), message: "made", fields: {} }], dueAt: null };
    },
  };
  const world = await led(racer);
  await settle();
  racer.armed = true;
  await world.other.transact({ when: [], then: [put(keys.unit(name("wakes.service")), unitFacts())] }, signal);
  await settle();
  expect([racer.planned, world.lines]).toEqual([1, []]);
  expect((await world.other.get(keys.unit(name("r.service")), signal))?.value.generation).toBe(7);
  world.stop.abort();
  await world.done;
});
