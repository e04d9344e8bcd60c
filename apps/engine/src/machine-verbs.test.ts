import { keys, ranges } from "@quarterdeck/etcd";
import { expect, test } from "vitest";
import { createEngineWorld } from "./testing/engine-world.ts";
import { M1, M2, name } from "./testing/facts.ts";

const pinned = name("pinned.service");
const PINNED_TEXT = "[Service]\nExecStart=/bin/sleep 1000\n[X-Fleet]\nMachineMetadata=disk=ssd\n";
const start = {
  verb: "start" as const,
  units: [pinned],
  files: [{ name: pinned, text: PINNED_TEXT }],
  replace: false,
};

test("metadata that an operator sets places a unit, and moves it when it is set elsewhere: stopped there before it starts here", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const agents = [await world.addMachine({ machine: M1 }), await world.addMachine({ machine: M2 })];
  await world.until((view) => view.list(ranges.machines).length === 2);
  await world.ask(start);
  await world.until((view) => view.get(keys.status(pinned))?.value.phase === "unplaced");
  await world.ask({ verb: "set-metadata", machine: M1, metadata: { disk: "ssd" } });
  expect(await world.placeOf(pinned)).toBe(M1);
  await world.until(() => agents[0]?.running().length === 1);
  await world.ask({ verb: "set-metadata", machine: M2, metadata: { disk: "ssd" } });
  await world.ask({ verb: "set-metadata", machine: M1, metadata: { disk: "" } });
  await world.until((view) => {
    const there = view.get(keys.schedule(M1, pinned))?.value.target.kind;
    const here = view.get(keys.schedule(M2, pinned))?.value;
    expect(here === undefined || there === undefined, `${there} there, ${here?.target.kind} here`).toBe(true);
    return here !== undefined;
  });
  await world.until(() => agents[1]?.running().length === 1);
  expect(agents[0]?.history).toEqual(["start pinned.service", "stop pinned.service"]);
});

test("a cordoned machine keeps what it has and is given nothing, until it is uncordoned", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  await world.addMachine({ machine: M1, presence: { metadata: { disk: "ssd" } } });
  await world.until((view) => view.list(ranges.machines).length === 1);
  await world.ask(start);
  expect(await world.placeOf(pinned)).toBe(M1);
  expect(await world.ask({ verb: "cordon", machine: M1 })).toMatchObject({ changed: [M1] });
  const other = name("other.service");
  await world.ask({ ...start, units: [other], files: [{ name: other, text: PINNED_TEXT }] });
  const refused = await world.until((view) => view.get(keys.status(other))?.value.refusals);
  expect(refused).toMatchObject([{ machine: M1, reason: { code: "MACHINE_CORDONED" } }]);
  expect(await world.placeOf(pinned)).toBe(M1);
  await world.ask({ verb: "uncordon", machine: M1 });
  expect(await world.placeOf(other)).toBe(M1);
  const acts = await world.until((view) => view.list(ranges.audit).map(({ value }) => value.act));
  expect(acts).toEqual(["machine-joined", "start", "cordon", "start", "uncordon"]);
});
