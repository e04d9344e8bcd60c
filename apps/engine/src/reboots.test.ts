import { keys, ranges } from "@quarterdeck/etcd";
import type { MachineId, RebootGroup, UnitState } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { HELD_MS } from "./fleet-lock/answer-question.ts";
import { createEngineWorld, OVERDUE_SECONDS, settle, TTL_MS, type EngineWorld } from "./testing/engine-world.ts";
import { HELLO_TEXT, M1, M2, M3, name } from "./testing/facts.ts";
import type { FakeAgent } from "./testing/fake-agent.ts";
import { createFleetLockClient, type FleetLockClient } from "./testing/fleet-lock-client.ts";

const UNITS = ["a.service", "b.service", "c.service"].map(name);
const pinned = name("pinned.service");
const PINNED_TEXT = `${HELLO_TEXT}[X-Fleet]\nMachineID=${M1}\n`;

type Given = { readonly agents: readonly FakeAgent[]; readonly fleetLock: FleetLockClient };

/** Three machines with a unit each, one that cannot leave the first, and a leader that believes what it sees. */
async function given(world: EngineWorld, healthOf?: () => UnitState["health"]): Promise<Given> {
  const agents: FakeAgent[] = [];
  for (const machine of [M1, M2, M3])
    agents.push(await world.addMachine({ machine, ...(healthOf === undefined ? {} : { healthOf }) }));
  await world.until((view) => view.list(ranges.machines).length === 3);
  await world.ask({
    verb: "start",
    units: [...UNITS, pinned],
    files: [...UNITS.map((unit) => ({ name: unit, text: HELLO_TEXT })), { name: pinned, text: PINNED_TEXT }],
    replace: false,
  });
  await world.until(() => agents.flatMap((agent) => agent.running()).length === 4);
  world.clock.advance(TTL_MS);
  await settle();
  const mirror = await world.etcd.connect().mirror(["machines/"], new AbortController().signal);
  return { agents, fleetLock: createFleetLockClient(world, mirror) };
}

const groupOf = (world: EngineWorld, look: (group: RebootGroup) => boolean): Promise<RebootGroup> =>
  world.until((view) => {
    const group = view.get(keys.rebootGroup("default"))?.value ?? EMPTY;
    return look(group) ? group : null;
  });
const EMPTY: RebootGroup = { v: 1, holders: [], waiting: [] };

const isCordoned = (world: EngineWorld, machine: MachineId): Promise<boolean> =>
  world.until((view) => [view.get(keys.machine(machine))?.value.cordoned === true]).then(([is]) => is === true);
const actsOf = (world: EngineWorld): Promise<readonly string[]> =>
  world.until((view) => view.list(ranges.audit).map(({ value }) => value.act));

/** The machine reboots and its units start anew. */
async function reboot(agent: FakeAgent | undefined): Promise<void> {
  await agent?.kill();
  await settle();
  await agent?.join();
  await settle();
}

/** The answer once nothing more is waited for. */
async function answerInTime(world: EngineWorld, asked: ReturnType<FleetLockClient>): ReturnType<FleetLockClient> {
  await settle();
  world.clock.advance(HELD_MS);
  return asked;
}

test("fleet #1232: machines that want to reboot go one after the other in the order they asked, each once the one before is back", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const { agents, fleetLock } = await given(world);
  const order = [M3, M2, M1];
  expect(await fleetLock("ask", M3)).toMatchObject({ status: 200 });
  for (const machine of [M2, M1])
    expect(await answerInTime(world, fleetLock("ask", machine))).toMatchObject({
      status: 423,
      kind: "reboot_slot_held",
      value: "it is the turn of m3",
    });
  for (const machine of order) {
    const holds = await groupOf(world, ({ holders }) => holders[0]?.machine === machine);
    expect(holds.holders).toHaveLength(1);
    expect(await fleetLock("ask", machine)).toMatchObject({ status: 200 });
    const agent = agents.find((one) => one.machine === machine);
    expect(agent?.running().filter((unit) => unit !== pinned)).toEqual([]);
    await agent?.kill();
    await settle();
    expect(await answerInTime(world, fleetLock("steady", machine))).toMatchObject({
      status: 423,
      value: "it is not back",
    });
    await agent?.join();
    expect(await fleetLock("steady", machine)).toMatchObject({ status: 200 });
  }
  await groupOf(world, (group) => group === EMPTY);
  expect(agents.flatMap((agent) => agent.running())).toHaveLength(4);
});

test("fleet #1232: a machine is let go once its units run elsewhere, and what is pinned to it stops with it and starts with it", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const { agents, fleetLock } = await given(world);
  expect(await fleetLock("ask", M1)).toMatchObject({ status: 200 });
  expect(agents[0]?.running()).toEqual([pinned]);
  expect(agents.flatMap((agent) => agent.running())).toHaveLength(4);
  expect(await isCordoned(world, M1)).toBe(true);
  expect(await fleetLock("ask", M1)).toMatchObject({ status: 200 });

  await reboot(agents[0]);
  expect(await fleetLock("steady", M1)).toMatchObject({ status: 200 });
  expect(agents[0]?.running()).toEqual([pinned]);
  expect(await isCordoned(world, M1)).toBe(false);
  expect(await fleetLock("steady", M1)).toMatchObject({ status: 200 });
  expect((await actsOf(world)).slice(-6)).toEqual([
    "reboot",
    "reboot-draining",
    "drain-done",
    "reboot-granted",
    "reboot",
    "reboot-released",
  ]);
});

test("fleet #1232: a machine that does not come back keeps its slot and is told of, in the log once, until a person releases it with a reason", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const { agents, fleetLock } = await given(world);
  await fleetLock("ask", M1);
  await agents[0]?.kill();
  await answerInTime(world, fleetLock("ask", M3));
  world.clock.advance(OVERDUE_SECONDS * 1000);
  await groupOf(world, ({ holders }) => holders[0]?.reason.code === "REBOOT_OVERDUE");
  for (let hour = 0; hour < 3; hour += 1) {
    world.clock.advance(3_600_000);
    await settle();
  }
  await answerInTime(world, fleetLock("ask", M2));
  await groupOf(world, ({ holders, waiting }) => holders[0]?.machine === M1 && waiting.length === 2);
  expect((await actsOf(world)).filter((act) => act === "reboot-overdue")).toHaveLength(1);

  const nameless = await world.ask({ verb: "reboots", release: M1 });
  expect(nameless).toMatchObject({ kind: "refused", problem: { code: "USAGE" } });
  const released = await world.ask({ verb: "reboots", release: M1 }, { why: "its disk is dead" });
  expect(released).toMatchObject({ kind: "applied", changed: [M1] });
  expect(await isCordoned(world, M1)).toBe(false);
  // It is missing still, and that is said.
  await groupOf(world, ({ waiting }) => waiting[0]?.reason.code === "MACHINE_MISSING");
  await world.ask({ verb: "cordon", machine: M1 });
  await groupOf(world, ({ holders }) => holders[0]?.machine === M3);
});

test("a machine whose units do badly after its reboot keeps its slot; when it asks anew it is looked at anew", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  let health: "passing" | "failing" = "passing";
  const { agents, fleetLock } = await given(world, () => health);
  await fleetLock("ask", M1);
  health = "failing";
  await reboot(agents[0]);
  const ill = await answerInTime(world, fleetLock("steady", M1));
  expect(ill).toMatchObject({ status: 423, kind: "reboot_not_steady" });
  expect(ill.value).toContain("pinned.service did well there before");
  expect(await fleetLock("ask", M1)).toMatchObject({ status: 200 });
  health = "passing";
  await reboot(agents[0]);
  expect(await fleetLock("steady", M1)).toMatchObject({ status: 200 });
});

test("fleet #1232: of the machines that etcd lives on the second waits while the first is away, and none goes while a member does badly", async () => {
  await using world = await createEngineWorld();
  const engine = world.startEngine();
  const { fleetLock } = await given(world);
  const well = engine.etcd.health.bind(engine.etcd);
  engine.etcd.health = async (signal) =>
    (await well(signal)).map((member) => ({ ...member, name: "e3", healthy: false }));
  world.clock.advance(60_000);
  expect(await answerInTime(world, fleetLock("ask", M1))).toMatchObject({ status: 423, kind: "quorum_at_risk" });
  engine.etcd.health = well;
  world.clock.advance(60_000);
  await groupOf(world, ({ holders }) => holders[0]?.phase === "rebooting");
  const second = await answerInTime(world, fleetLock("ask", M2, { group: "others" }));
  expect(second).toMatchObject({ status: 423, value: "m1, which etcd lives on too, is away" });
  expect(await fleetLock("ask", M3, { group: "workers" })).toMatchObject({ status: 200 });
});

test("a machine that takes its wish back while it is drained is uncordoned, and no further move is begun", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  let health: "passing" | "unknown" = "passing";
  const { fleetLock } = await given(world, () => health);
  health = "unknown";
  expect(await answerInTime(world, fleetLock("ask", M1))).toMatchObject({ status: 423, kind: "reboot_draining" });
  expect(await fleetLock("steady", M1)).toMatchObject({ status: 200 });
  expect(await isCordoned(world, M1)).toBe(false);
  await groupOf(world, (group) => group === EMPTY);
  const moves = await world.until((view) => view.list(ranges.relocations)[0]?.value.moves);
  expect(moves).toMatchObject([
    { units: [UNITS[0]], state: "moving" },
    { units: [pinned], state: "stays", reason: { text: "its reboot is over: it no longer wants to reboot" } },
  ]);
});

test("a second engine that is asked answers as the leader does, and a new leader goes on where the last one stopped", async () => {
  await using world = await createEngineWorld();
  const first = world.startEngine("m1");
  const { agents, fleetLock } = await given(world);
  expect(await fleetLock("ask", M1)).toMatchObject({ status: 200 });
  await first.stop();
  world.startEngine("m2");
  await settle();
  await reboot(agents[0]);
  world.clock.advance(TTL_MS);
  expect(await fleetLock("steady", M1)).toMatchObject({ status: 200 });
  expect(await isCordoned(world, M1)).toBe(false);
});

test("a machine asks for itself alone, in one group, and nobody asks in its name", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const { fleetLock } = await given(world);
  const asked = await world.ask({ verb: "reboot", machine: M1, group: "default", step: "ask" });
  expect(asked).toMatchObject({ kind: "refused", problem: { code: "FORBIDDEN" } });
  expect(await fleetLock("ask", M1, { group: "others" })).toMatchObject({ status: 200 });
  expect(await fleetLock("ask", M1)).toMatchObject({ status: 409, kind: "already_running" });
  expect(await fleetLock("ask", M2, { peer: `machine:${M1}` })).toMatchObject({
    status: 403,
    kind: "identity_mismatch",
  });
  expect(await fleetLock("ask", M2, { peer: "operator:anna" })).toMatchObject({ status: 403 });
  expect(await fleetLock("ask", "9".repeat(32) as MachineId)).toMatchObject({ status: 403, kind: "unknown_machine" });
});
