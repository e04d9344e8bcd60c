import { keys, put, ranges } from "@quarterdeck/etcd";
import type { RelocationId, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { createEngineWorld, settle, type EngineWorld } from "./testing/engine-world.ts";
import { HELLO_TEXT, M1, M2, M3, name, OPERATOR } from "./testing/facts.ts";
import type { FakeAgent } from "./testing/fake-agent.ts";

const UNITS = ["a.service", "b.service", "c.service"].map(name);
const signal = new AbortController().signal;

/** Three units on the first machine, which was alone when they came; then two more machines join. */
async function crowd(
  world: EngineWorld,
  healthOf: () => "passing" | "unknown" = () => "passing",
): Promise<readonly FakeAgent[]> {
  const first = await world.addMachine({ machine: M1 });
  await world.ask({
    verb: "start",
    units: UNITS,
    files: UNITS.map((unit) => ({ name: unit, text: HELLO_TEXT })),
    replace: false,
  });
  await world.until(() => first.running().length === 3);
  const agents = [
    first,
    await world.addMachine({ machine: M2, healthOf }),
    await world.addMachine({ machine: M3, healthOf }),
  ];
  await world.until((view) => view.list(ranges.machines).length === 3);
  return agents;
}

async function order(world: EngineWorld, ...action: Parameters<EngineWorld["ask"]>): Promise<RelocationId> {
  const outcome = await world.ask(...action);
  if (outcome.kind !== "applied" || outcome.relocation === undefined) throw new Error(JSON.stringify(outcome));
  return outcome.relocation;
}

const stateOf = (world: EngineWorld, id: RelocationId, state: string) =>
  world.until((view) => {
    const found = view.get(keys.relocation(id))?.value;
    return found?.state === state ? found : null;
  });

const passing = async (world: EngineWorld, machine: typeof M1, unit: UnitName): Promise<void> => {
  const state = await world.until((view) => view.get(keys.state(machine, unit))?.value);
  await world.etcd.transact(
    { when: [], then: [put(keys.state(machine, unit), { ...state, health: "passing" })] },
    signal,
  );
};

test("fleet #1232: drain cordons a machine and empties it, each unit running elsewhere before it stops here, and is audited", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const agents = await crowd(world);
  const running = (): number => new Set(agents.flatMap((agent) => agent.running())).size;
  const id = await order(world, { verb: "drain", machine: M1 });
  await world.until((view) => {
    expect(running()).toBe(3);
    return view.get(keys.relocation(id))?.value.state === "done";
  });
  await world.until((view) => view.list(ranges.scheduleOf(M1)).length === 0);
  expect(agents.map((agent) => agent.running().length)).toEqual([0, 2, 1]);
  expect(await world.until((view) => view.get(keys.machine(M1))?.value.cordoned)).toBe(true);
  const acts = await world.until((view) => view.list(ranges.audit).map(({ value }) => value.act));
  expect(acts.slice(-2)).toEqual(["drain", "drain-done"]);
  await world.ask({ verb: "uncordon", machine: M1 });
  await settle();
  expect(agents[0]?.running()).toEqual([]);
});

test("a drain waits for each unit's check, and a new leader goes on where the last one stopped", async () => {
  await using world = await createEngineWorld();
  const first = world.startEngine("m1");
  const agents = await crowd(world, () => "unknown");
  const id = await order(world, { verb: "drain", machine: M1 });
  await world.until((view) => view.get(keys.state(M2, name("a.service"))));
  await settle();
  expect(agents.map((agent) => agent.running().length)).toEqual([3, 1, 0]);
  await first.stop();
  world.startEngine("m2");
  await settle();
  expect(agents.map((agent) => agent.running().length)).toEqual([3, 1, 0]);
  await passing(world, M2, name("a.service"));
  await passing(world, M3, name("b.service"));
  await passing(world, M2, name("c.service"));
  expect((await stateOf(world, id, "done")).moves.map(({ state }) => state)).toEqual(["done", "done", "done"]);
  expect(agents.map((agent) => agent.history.filter((line) => line.startsWith("start")).length)).toEqual([3, 2, 1]);
});

test("a second drain of a machine is answered by the first, and a rebalance waits its turn", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  await crowd(world, () => "unknown");
  const id = await order(world, { verb: "drain", machine: M1 });
  expect(await order(world, { verb: "drain", machine: M1 })).toBe(id);
  expect(await world.ask({ verb: "rebalance", max: null })).toMatchObject({
    kind: "refused",
    problem: { code: "ALREADY_RUNNING", message: `m1 is still being drained, by ${OPERATOR}` },
  });
});

test("uncordon ends a drain behind the move that is under way", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const agents = await crowd(world, () => "unknown");
  const id = await order(world, { verb: "drain", machine: M1 });
  await world.until((view) => view.get(keys.state(M2, name("a.service"))));
  await world.ask({ verb: "uncordon", machine: M1 });
  await passing(world, M2, name("a.service"));
  expect((await stateOf(world, id, "done")).moves.map(({ state }) => state)).toEqual(["done", "stays", "stays"]);
  await settle();
  expect(agents.map((agent) => agent.running().length)).toEqual([2, 1, 0]);
});

test("fleet #1023: rebalance spreads units over machines that joined later", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const agents = await crowd(world);
  const id = await order(world, { verb: "rebalance", max: null });
  expect((await stateOf(world, id, "done")).reason.text).toBe("2 of 2 moved");
  await world.until(() => agents.every((agent) => agent.running().length === 1));
});

test("a machine that never joined cannot be drained", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  expect(await world.ask({ verb: "drain", machine: M1 })).toMatchObject({ problem: { code: "NOT_FOUND" } });
});
