import { keys, ranges } from "@quarterdeck/etcd";
import type { RequestAction, RequestOutcome } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { createEngineWorld, settle, type EngineWorld } from "./testing/engine-world.ts";
import { HELLO_TEXT, OTHER_TEXT, M1, M2, M3, name } from "./testing/facts.ts";

const UNITS = ["a.service", "b.service", "c.service"].map(name);
const PINNED = name("pinned.service");
const files = [
  ...UNITS.map((unit) => ({ name: unit, text: HELLO_TEXT })),
  { name: PINNED, text: `${HELLO_TEXT}[X-Fleet]\nMachineMetadata=disk=ssd\n` },
];
const start = (...units: readonly (typeof PINNED)[]): RequestAction => ({
  verb: "start",
  units: [...units],
  files: files.filter((file) => units.includes(file.name)),
  replace: false,
});

/** Three units on the first machine, and two machines that joined later. */
async function crowd(world: EngineWorld): Promise<void> {
  world.startEngine();
  const first = await world.addMachine({ machine: M1 });
  await world.ask(start(...UNITS));
  await world.until(() => first.running().length === 3);
  await world.addMachine({ machine: M2 });
  await world.addMachine({ machine: M3 });
  await world.until((view) => view.list(ranges.machines).length === 3);
  await settle();
}

/** Everything but requests: what a dry run must leave as it was. */
const contents = (world: EngineWorld): unknown =>
  Object.entries(world.etcd.dump()).filter(([path]) => !path.startsWith("requests/"));

async function foresee(world: EngineWorld, action: RequestAction): Promise<readonly string[]> {
  const before = contents(world);
  const outcome: RequestOutcome = await world.ask(action, { dryRun: true });
  await settle();
  expect(contents(world)).toEqual(before);
  if (outcome.kind === "refused") return [`refused: ${outcome.problem.code}`];
  const machine = (id: string | null): string => (id === null ? "-" : `m${id[0] ?? ""}`);
  return (outcome.forecast ?? []).map(
    ({ step, units, from, to, reason }) => `${step} ${units.join(" ")} ${machine(from)} ${machine(to)} ${reason.code}`,
  );
}

test("a rebalance is foreseen move by move, and nothing is written but the answer", async () => {
  await using world = await createEngineWorld();
  await crowd(world);
  expect(await foresee(world, { verb: "rebalance", max: null })).toEqual([
    "move c.service m1 m2 REBALANCED",
    "move b.service m1 m3 REBALANCED",
  ]);
  expect(await foresee(world, { verb: "rebalance", max: 1 })).toHaveLength(1);
});

test("a drain is foreseen with what would stay", async () => {
  await using world = await createEngineWorld();
  await crowd(world);
  await world.ask({ verb: "set-metadata", machine: M1, metadata: { disk: "ssd" } });
  await world.ask(start(PINNED));
  expect(await world.placeOf(PINNED)).toBe(M1);
  await world.until((view) => view.get(keys.state(M1, PINNED)));
  await settle();
  expect(await foresee(world, { verb: "drain", machine: M1 })).toEqual([
    "move a.service m1 m2 DRAINED",
    "move b.service m1 m3 DRAINED",
    "move c.service m1 m2 DRAINED",
    "stay pinned.service m1 - NO_CANDIDATE",
  ]);
});

test("starts, stops and changes of metadata are foreseen, as far as the first step goes", async () => {
  await using world = await createEngineWorld();
  await crowd(world);
  expect(await foresee(world, start(PINNED))).toEqual(["stay pinned.service - - NO_CANDIDATE"]);
  expect(await foresee(world, { verb: "stop", units: [name("a.service")] })).toEqual([
    "update a.service - m1 TARGET_CHANGED",
  ]);
  expect(await foresee(world, { verb: "destroy", units: [name("a.service")] })).toEqual([
    "stop a.service m1 - DESTROYED",
  ]);
  await world.ask({ verb: "set-metadata", machine: M2, metadata: { disk: "ssd" } });
  await world.ask(start(PINNED));
  expect(await world.placeOf(PINNED)).toBe(M2);
  await world.until((view) => view.get(keys.state(M2, PINNED)));
  await settle();
  expect(await foresee(world, { verb: "set-metadata", machine: M2, metadata: { disk: "" } })).toEqual([
    "stop pinned.service m2 - CONSTRAINT_BROKEN",
  ]);
});

test("a submit is foreseen: of a new unit nothing, of one that runs its change where it is", async () => {
  await using world = await createEngineWorld();
  await crowd(world);
  const submit = (unit: typeof PINNED, text: string, replace: boolean): RequestAction => ({
    verb: "submit",
    files: [{ name: unit, text }],
    replace,
  });
  expect(await foresee(world, submit(PINNED, HELLO_TEXT, false))).toEqual([]);
  const a = name("a.service");
  expect(await foresee(world, submit(a, OTHER_TEXT, true))).toEqual(["update a.service - m1 UNIT_CHANGED"]);
  expect(await foresee(world, submit(a, OTHER_TEXT, false))).toEqual(["refused: CONFLICT"]);
});

test("what would be refused is refused", async () => {
  await using world = await createEngineWorld();
  await crowd(world);
  expect(await foresee(world, { verb: "stop", units: [name("nope.service")] })).toEqual(["refused: NOT_FOUND"]);
});
