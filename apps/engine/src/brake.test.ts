import { keys, ranges } from "@quarterdeck/etcd";
import type { MachineId } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { applyBrake } from "./apply-brake.ts";
import { createEngineWorld, GRACE_MS, settle, TTL_MS, type EngineWorld } from "./testing/engine-world.ts";
import { HELLO_TEXT, name, NOW, requestFacts } from "./testing/facts.ts";
import type { FakeAgent } from "./testing/fake-agent.ts";
import { viewOf } from "./testing/view-of.ts";

const hello = name("hello.service");
const start = { verb: "start" as const, units: [hello], files: [{ name: hello, text: HELLO_TEXT }], replace: false };
const IDS = ["1", "2", "3", "4", "5", "6"].map((digit) => digit.repeat(32) as MachineId);

type Spread = { readonly agents: readonly FakeAgent[]; readonly engine: ReturnType<EngineWorld["startEngine"]> };

/** Six machines in three zones, `hello.service` on the first, and a leader that believes what it sees. */
async function spread(world: EngineWorld): Promise<Spread> {
  const engine = world.startEngine();
  const agents: FakeAgent[] = [];
  for (const [index, machine] of IDS.entries())
    agents.push(await world.addMachine({ machine, presence: { zone: `z${index % 3}` } }));
  await world.until((view) => view.list(ranges.machines).length === 6);
  await world.ask(start);
  expect(await world.placeOf(hello)).toBe(IDS[0]);
  world.clock.advance(TTL_MS);
  await settle();
  return { agents, engine };
}

async function lose(world: EngineWorld, agents: readonly FakeAgent[]): Promise<void> {
  for (const agent of agents) await agent.cut();
  await settle();
  world.clock.advance(GRACE_MS);
  await settle();
}

const actsOf = (world: EngineWorld) => world.until((view) => view.list(ranges.audit).map(({ value }) => value.act));

test("a mass loss brakes, is written down, and is acted on only once a person released it with a reason, a few machines at a time", async () => {
  await using world = await createEngineWorld();
  const { agents } = await spread(world);
  await lose(world, agents.slice(0, 3));
  const brake = await world.until((view) => view.get(keys.brake())?.value.on);
  expect(brake).toMatchObject({ reason: { code: "BRAKED" } });
  expect(await world.placeOf(hello)).toBe(IDS[0]);

  const nameless = await world.ask({ verb: "brake" });
  expect(nameless).toMatchObject({ kind: "refused", problem: { code: "USAGE" } });
  await world.ask({ verb: "brake" }, { why: "a switch is broken" });
  await world.until((view) => view.get(keys.brake())?.value.release?.machines.length === 3);
  const lost = () => world.until((view) => view.list(ranges.machines).filter(({ value }) => value.lostAt !== null));
  await settle();
  expect(await lost()).toHaveLength(1);
  for (const expected of [2, 3]) {
    world.clock.advance(TTL_MS / 3 + 1);
    await settle();
    expect(await lost()).toHaveLength(expected);
  }
  await world.until((view) => view.get(keys.schedule(IDS[0] as MachineId, hello))?.value.target.kind === "absentAfter");
  expect((await actsOf(world)).filter((act) => act.startsWith("brake"))).toEqual(["brake-on", "brake", "brake"]);
});

test("a release ends when its machines are back, and a later mass loss brakes again", async () => {
  await using world = await createEngineWorld();
  const { agents } = await spread(world);
  await lose(world, agents.slice(3));
  await world.until((view) => view.get(keys.brake())?.value.on);
  await world.ask({ verb: "brake" }, { why: "a switch is broken" });
  await world.until((view) => view.get(keys.brake())?.value.release?.machines.length === 3);
  await agents[3]?.join();
  await world.until((view) => view.get(keys.brake())?.value.release?.machines.length === 2);
  await agents[4]?.join();
  await agents[5]?.join();
  await world.until((view) => view.get(keys.brake()) === null);
  await lose(world, agents.slice(3));
  expect(await world.until((view) => view.get(keys.brake())?.value)).toMatchObject({ on: {}, release: null });
});

test("the brake goes off by itself when machines come back, and that is written down", async () => {
  await using world = await createEngineWorld();
  const { agents } = await spread(world);
  await lose(world, agents.slice(3));
  await world.until((view) => view.get(keys.brake())?.value.on);
  for (const agent of agents.slice(4)) await agent.join();
  await world.until((view) => view.get(keys.brake()) === null);
  expect((await actsOf(world)).slice(-1)).not.toContain("brake-on");
  expect(await actsOf(world)).toContain("brake-off");
});

test("a new leader leaves the brake on while it cannot judge losses itself", async () => {
  await using world = await createEngineWorld();
  const { agents, engine } = await spread(world);
  await lose(world, agents.slice(3));
  await world.until((view) => view.get(keys.brake())?.value.on);
  await engine.stop();
  const next = world.startEngine("m2");
  await settle();
  expect(next.roles).toContain("leader");
  expect(await actsOf(world)).not.toContain("brake-off");
});

test("releasing a brake that is not on changes nothing", async () => {
  const decision = applyBrake(await viewOf(), requestFacts({ verb: "brake" }, { why: "to be sure" }), NOW);
  expect(decision).toMatchObject({
    ok: true,
    value: { then: [], changed: [], reason: { text: "the brake is not on" } },
  });
});
