import { keys, put, ranges, remove } from "@quarterdeck/etcd";
import type { RequestAction, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { createEngineWorld, GRACE_MS, settle, TTL_MS } from "./testing/engine-world.ts";
import { everything, HELLO_TEXT, M1, M2, M3, name, OPERATOR, WORKER_TEXT } from "./testing/facts.ts";

const hello = name("hello.service");
const start = (...units: readonly UnitName[]): RequestAction => ({
  verb: "start",
  units: [...units],
  files: [{ name: hello, text: HELLO_TEXT }],
  replace: false,
});
const signal = new AbortController().signal;

test("submit, start: the unit is placed on one machine, runs, and its status says where and why", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const agents = [await world.addMachine({ machine: M1 }), await world.addMachine({ machine: M2 })];
  expect(await world.ask({ verb: "submit", files: [{ name: hello, text: HELLO_TEXT }], replace: false })).toMatchObject(
    { kind: "applied", changed: [hello] },
  );
  expect(await world.ask({ verb: "start", units: [hello], files: [], replace: false })).toMatchObject({
    kind: "applied",
    changed: [hello],
  });
  const machine = await world.placeOf(hello);
  const status = await world.until((view) => view.get(keys.status(hello))?.value);
  expect(status).toMatchObject({ phase: "placed", machine });
  await world.until((view) => view.get(keys.state(machine, hello)));
  expect(agents.flatMap((agent) => agent.running())).toEqual([hello]);
});

test("stop, unload and destroy stop it by an explicit entry, which goes once the agent has carried it out", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const agent = await world.addMachine({ machine: M1 });
  await world.ask(start(hello));
  await world.until(() => agent.running().length === 1);
  await world.ask({ verb: "stop", units: [hello] });
  await world.until(
    (view) => view.get(keys.schedule(M1, hello))?.value.target.kind === "loaded" && agent.running().length === 0,
  );
  await world.ask(start(hello));
  await world.until(() => agent.running().length === 1);
  await world.ask({ verb: "destroy", units: [hello] });
  await world.until((view) => view.list(ranges.schedules).length === 0 && view.list(ranges.units).length === 0);
  expect(agent.history).toEqual([
    "start hello.service",
    "stop hello.service",
    "start hello.service",
    "stop hello.service",
  ]);
});

test("fleet #1690: a machine that is lost gives its units away after TTL and grace, and the old copy stops only once the new one is well", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const agents = [
    await world.addMachine({ machine: M1 }),
    await world.addMachine({ machine: M2, healthOf: () => "unknown" }),
  ];
  await world.until((view) => view.list(ranges.machines).length === 2);
  await world.ask(start(hello));
  // Equal load goes to the lower id.
  expect(await world.placeOf(hello)).toBe(M1);
  world.clock.advance(TTL_MS);
  await settle();
  await agents[0]?.cut();
  await settle();
  expect(await world.placeOf(hello)).toBe(M1);
  world.clock.advance(GRACE_MS);
  await world.until((view) => view.get(keys.schedule(M1, hello))?.value.target.kind === "absentAfter");
  expect(await world.until((view) => view.get(keys.machine(M1))?.value.lostAt)).toBe("2026-11-24T00:00:11.000Z");
  expect(await world.placeOf(hello)).toBe(M2);
  await world.until((view) => view.get(keys.state(M2, hello)));
  await agents[0]?.join();
  await world.until((view) => view.get(keys.machine(M1))?.value.lostAt === null);
  await settle();
  // The replacement's check has not answered: both run, nothing stops.
  expect(agents.map((agent) => agent.running())).toEqual([[hello], [hello]]);
  const state = await world.until((view) => view.get(keys.state(M2, hello))?.value);
  await world.etcd.transact({ when: [], then: [put(keys.state(M2, hello), { ...state, health: "passing" })] }, signal);
  await world.until((view) => view.get(keys.schedule(M1, hello)) === null);
  expect(agents.map((agent) => agent.running())).toEqual([[], [hello]]);
  const acts = await world.until((view) => view.list(ranges.audit).map(({ value }) => value.act));
  expect(acts).toEqual(["machine-joined", "machine-joined", "start", "machine-lost", "machine-returned"]);
});

test("an engine that has just come up waits a whole TTL before it believes a silence", async () => {
  await using world = await createEngineWorld();
  const first = world.startEngine("m1");
  const agents = [await world.addMachine({ machine: M1 }), await world.addMachine({ machine: M2 })];
  await world.until((view) => view.list(ranges.machines).length === 2);
  await world.ask(start(hello));
  await world.placeOf(hello);
  await first.stop();
  await agents[0]?.cut();
  world.startEngine("m2");
  await settle();
  world.clock.advance(TTL_MS - 1);
  await settle();
  expect(await world.placeOf(hello)).toBe(M1);
  world.clock.advance(1);
  await world.until((view) => view.get(keys.schedule(M1, hello))?.value.target.kind === "absentAfter");
});

test("a machine that takes the leader down with it is found lost no later than any other", async () => {
  await using world = await createEngineWorld();
  const first = world.startEngine("m1");
  world.startEngine("m2");
  const agents = [await world.addMachine({ machine: M1 }), await world.addMachine({ machine: M2 })];
  await world.until((view) => view.list(ranges.machines).length === 2);
  await world.ask(start(hello));
  expect(await world.placeOf(hello)).toBe(M1);
  world.clock.advance(TTL_MS);
  await settle();
  await agents[0]?.kill();
  await first.stop();
  await settle();
  world.clock.advance(GRACE_MS);
  await world.until((view) => view.get(keys.schedule(M1, hello))?.value.target.kind === "absentAfter");
  expect(await world.placeOf(hello)).toBe(M2);
});

test("a global unit runs on every machine, also on one that joins later", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const early = await world.addMachine({ machine: M1 });
  const everywhere = name("everywhere.service");
  const text = `${HELLO_TEXT}\n[X-Fleet]\nGlobal=true\n`;
  await world.ask({ verb: "start", units: [everywhere], files: [{ name: everywhere, text }], replace: false });
  await world.until(() => early.running().length === 1);
  const late = await world.addMachine({ machine: M3 });
  await world.until(() => late.running().length === 1);
  expect((await world.until((view) => view.get(keys.status(everywhere))?.value)).phase).toBe("global");
});

test("a unit that no machine will have says why, for each machine", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  await world.addMachine({ machine: M1 });
  await world.until((view) => view.get(keys.machine(M1)));
  const picky = name("picky.service");
  const text = `${HELLO_TEXT}\n[X-Fleet]\nMachineMetadata=role=database\n`;
  await world.ask({ verb: "start", units: [picky], files: [{ name: picky, text }], replace: false });
  const status = await world.until((view) => view.get(keys.status(picky))?.value);
  expect(status).toMatchObject({
    phase: "unplaced",
    refusals: [{ machine: M1, reason: { code: "METADATA_MISMATCH" } }],
  });
});

test("many units of one request are spread over the machines", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const agents = [
    await world.addMachine({ machine: M1 }),
    await world.addMachine({ machine: M2 }),
    await world.addMachine({ machine: M3 }),
  ];
  await world.until((view) => view.list(ranges.machines).length === 3);
  const units = Array.from({ length: 45 }, (_, index) => name(`worker@${index}.service`));
  await world.ask({
    verb: "start",
    units,
    files: [{ name: name("worker@.service"), text: WORKER_TEXT }],
    replace: false,
  });
  await world.until(() => agents.flatMap((agent) => agent.running()).length === 45);
  expect(agents.map((agent) => agent.running().length)).toEqual([15, 15, 15]);
});

test("the seed comes once, whoever leads", async () => {
  const seed = {
    policy: everything,
    seed: { v: 1 as const, units: [{ name: hello, file: hello, target: "launched" as const }] },
    texts: new Map([[hello as string, HELLO_TEXT]]),
  };
  await using world = await createEngineWorld(seed);
  const first = world.startEngine("m1");
  world.startEngine("m2");
  const agent = await world.addMachine({ machine: M1 });
  await world.until(() => agent.running().length === 1);
  await first.stop();
  await world.etcd.transact({ when: [], then: [remove(keys.policy())] }, signal);
  await world.until((view) => view.list(ranges.audit).filter(({ value }) => value.act === "seed").length === 2);
  expect(agent.history).toEqual(["start hello.service"]);
});

test("a request by somebody who may not is refused and audited", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  await world.etcd.transact(
    { when: [], then: [put(keys.policy(), { v: 1, rules: [{ subjects: ["group:sre"], verbs: ["*"] }] })] },
    signal,
  );
  expect(await world.ask(start(hello))).toMatchObject({ kind: "refused", problem: { code: "FORBIDDEN" } });
  const audited = await world.until(
    (view) => view.list(ranges.audit).find(({ value }) => value.act === "start")?.value,
  );
  expect(audited).toMatchObject({
    actor: { principal: OPERATOR },
    outcome: expect.stringContaining("FORBIDDEN") as unknown,
  });
});

test("an etcd that does not hold users to their keys is a warning in the journal, and the engine leads all the same", async () => {
  await using world = await createEngineWorld();
  const { etcd } = world.startEngine();
  const [member] = await world.etcd.health(signal);
  const warning = "etcd 3.4.23 does not hold users to their keys";
  Object.assign(etcd, { health: async () => [{ ...member, warning }] });
  world.startEngine("m2");
  await world.addMachine({ machine: M1 });
  expect(await world.ask(start(hello))).toMatchObject({ kind: "applied" });
  const warned = world.log.filter((line) => line.includes("this etcd is not safe to use"));
  expect(warned).toEqual([expect.stringMatching(/^m1 warn .*etcd 3\.4\.23 does not hold users to their keys/)]);
});
