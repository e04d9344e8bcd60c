import { keys, ranges, verifyAudit } from "@quarterdeck/etcd";
import type { RequestAction, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { AUDIT_LIMITS, createEngineWorld, settle, type EngineWorld } from "./testing/engine-world.ts";
import { HELLO_TEXT, M1, M2, name } from "./testing/facts.ts";
import { CA } from "./testing/signing.ts";

const signal = new AbortController().signal;
const start = (unit: UnitName): RequestAction => ({
  verb: "start",
  units: [unit],
  files: [{ name: unit, text: `${HELLO_TEXT}# ${unit}\n` }],
  replace: false,
});
const destroy = (unit: UnitName): RequestAction => ({ verb: "destroy", units: [unit] });

/** All keys, those of the audit log's entries apart. */
async function keysOf({
  etcd,
}: EngineWorld): Promise<{ readonly entries: number; readonly others: readonly string[] }> {
  const paths = (await etcd.raw.list("", signal)).map(({ path }) => path);
  const others = paths.filter((path) => !/\/audit\/[0-9]+$/.test(path));
  return { entries: paths.length - others.length, others };
}

const ROUNDS = 10;
const UNITS = 100;
// A limit by the work and not by the clock: where a unit takes more than a second to come and go, something hangs, however busy the machine is.
const LIMIT_MS = ROUNDS * UNITS * 1_000;

test(
  "fleet #1345, #1290: a hundred requests at once all get an answer, and a thousand units that came and went leave no key behind",
  async () => {
    await using world = await createEngineWorld();
    world.startEngine();
    const agents = [await world.addMachine({ machine: M1 }), await world.addMachine({ machine: M2 })];
    const running = (): readonly string[] => agents.flatMap((agent) => agent.running());
    await world.until((view) => view.list(ranges.machines).length === agents.length);
    const before = await keysOf(world);
    for (let round = 0; round < ROUNDS; round += 1) {
      const units = Array.from({ length: UNITS }, (_, index) => name(`unit-${round}-${index}.service`));
      const started = await Promise.all(units.map((unit) => world.ask(start(unit))));
      expect(started.map(({ kind }) => kind)).toEqual(units.map(() => "applied"));
      await world.until(() => running().length === units.length);
      const destroyed = await Promise.all(units.map((unit) => world.ask(destroy(unit))));
      expect(destroyed.map(({ kind }) => kind)).toEqual(units.map(() => "applied"));
      await world.until(() => running().length === 0);
    }
    expect((await keysOf(world)).others.length).toBeGreaterThan(before.others.length + 2 * ROUNDS * UNITS);
    // Requests stay for a day after their outcome, unit files for an hour after they were last used.
    world.clock.advance(61_000);
    await settle();
    world.clock.advance(25 * 3_600_000);
    await expect
      .poll(
        async () => {
          world.clock.advance(61_000);
          await settle();
          return (await keysOf(world)).others;
        },
        { timeout: LIMIT_MS / 4 },
      )
      .toEqual(before.others);
    // The audit log stays until somebody has it elsewhere, and then as much of it as the limits say.
    world.clock.advance(AUDIT_LIMITS.keepMs);
    await settle();
    expect((await keysOf(world)).entries).toBe(before.entries + 2 * ROUNDS * UNITS);
    const { sequence, hash } = await world.until((view) => view.get(keys.auditHead())?.value);
    expect(await world.ask({ verb: "audit", exported: { sequence, hash } })).toMatchObject({ changed: ["audit"] });
    await expect
      .poll(
        async () => {
          world.clock.advance(61_000);
          await settle();
          return (await keysOf(world)).entries;
        },
        { timeout: LIMIT_MS / 4 },
      )
      .toBe(AUDIT_LIMITS.keepEntries);
    expect(await verifyAudit(world.etcd, { ca: CA }, signal)).toMatchObject({
      ok: true,
      entries: AUDIT_LIMITS.keepEntries,
      anchor: sequence + 1 - AUDIT_LIMITS.keepEntries,
    });
  },
  LIMIT_MS,
);
