import { ranges } from "@quarterdeck/etcd";
import type { RequestAction, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { createEngineWorld, settle, type EngineWorld } from "./testing/engine-world.ts";
import { HELLO_TEXT, M1, M2, name } from "./testing/facts.ts";

const signal = new AbortController().signal;
const start = (unit: UnitName): RequestAction => ({
  verb: "start",
  units: [unit],
  files: [{ name: unit, text: `${HELLO_TEXT}# ${unit}\n` }],
  replace: false,
});
const destroy = (unit: UnitName): RequestAction => ({ verb: "destroy", units: [unit] });

/** All keys but the audit log's entries, which stay on purpose. */
async function keysOf({ etcd }: EngineWorld): Promise<readonly string[]> {
  const found = await etcd.raw.list("", signal);
  return found.map(({ path }) => path).filter((path) => !/\/audit\/[0-9]+$/.test(path));
}

test("a hundred requests at once all get an answer, and a thousand units that came and went leave no key behind", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const agents = [await world.addMachine({ machine: M1 }), await world.addMachine({ machine: M2 })];
  const running = (): readonly string[] => agents.flatMap((agent) => agent.running());
  await world.until((view) => view.list(ranges.machines).length === agents.length);
  const before = await keysOf(world);
  for (let round = 0; round < 10; round += 1) {
    const units = Array.from({ length: 100 }, (_, index) => name(`unit-${round}-${index}.service`));
    const started = await Promise.all(units.map((unit) => world.ask(start(unit))));
    expect(started.map(({ kind }) => kind)).toEqual(units.map(() => "applied"));
    await world.until(() => running().length === units.length);
    const destroyed = await Promise.all(units.map((unit) => world.ask(destroy(unit))));
    expect(destroyed.map(({ kind }) => kind)).toEqual(units.map(() => "applied"));
    await world.until(() => running().length === 0);
  }
  expect((await keysOf(world)).length).toBeGreaterThan(before.length + 2_000);
  // Requests stay for a day after their outcome, unit files for an hour after they were last used.
  world.clock.advance(61_000);
  await settle();
  world.clock.advance(25 * 3_600_000);
  await expect
    .poll(
      async () => {
        world.clock.advance(61_000);
        await settle();
        return keysOf(world);
      },
      { timeout: 60_000 },
    )
    .toEqual(before);
}, 120_000);
