import { keys, verifyAudit, type AuditFacts } from "@quarterdeck/etcd";
import type { RequestOutcome, Sha256 } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { AUDIT_LIMITS, createEngineWorld, settle, type EngineWorld } from "./testing/engine-world.ts";
import { M1 } from "./testing/facts.ts";
import { CA } from "./testing/signing.ts";

const signal = new AbortController().signal;
const MINUTE = 61_000;

const sequences = ({ etcd }: EngineWorld): readonly number[] =>
  Object.keys(etcd.dump())
    .filter((path) => /^audit\/[0-9]+$/.test(path))
    .map((path) => Number(path.slice("audit/".length)));

/** An engine, and so many acts that all are old by now. */
async function oldLog(world: EngineWorld, acts: number): Promise<{ sequence: number; hash: Sha256 }> {
  world.startEngine();
  await world.addMachine({ machine: M1 });
  for (let act = 0; act < acts; act += 1) await world.ask({ verb: "cordon", machine: M1 });
  world.clock.advance(AUDIT_LIMITS.keepMs + MINUTE);
  await settle();
  const { sequence, hash } = await world.until((view) => view.get(keys.auditHead())?.value);
  expect(sequences(world)).toHaveLength(sequence);
  return { sequence, hash };
}

const exported = (world: EngineWorld, sequence: number, hash: Sha256): Promise<RequestOutcome> =>
  world.ask({ verb: "audit", exported: { sequence, hash } });

async function minutes(world: EngineWorld, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    world.clock.advance(MINUTE);
    await settle();
  }
}

test("nothing that nobody has elsewhere is removed, however old", async () => {
  await using world = await createEngineWorld();
  const { sequence } = await oldLog(world, AUDIT_LIMITS.keepEntries + 12);
  await minutes(world, 3);
  expect(sequences(world)).toHaveLength(sequence);
  const tenth = await world.until((view) => view.get(keys.audit(11))?.value.previous);
  await exported(world, 10, tenth);
  await minutes(world, 3);
  expect(sequences(world)[0]).toBe(11);
  expect(await verifyAudit(world.etcd, { ca: CA }, signal)).toMatchObject({ ok: true, anchor: 10 });
});

test("the newest entries stay, however old they are and whoever has them", async () => {
  await using world = await createEngineWorld();
  const { sequence, hash } = await oldLog(world, AUDIT_LIMITS.keepEntries + 12);
  await exported(world, sequence, hash);
  await minutes(world, 3);
  expect(sequences(world)).toHaveLength(AUDIT_LIMITS.keepEntries);
  expect(await verifyAudit(world.etcd, { ca: CA }, signal)).toMatchObject({ ok: true });
});

test("a log that is not the one that was exported is left as it is, and the journal says so once", async () => {
  await using world = await createEngineWorld();
  const { sequence } = await oldLog(world, AUDIT_LIMITS.keepEntries + 12);
  await exported(world, 10, "ab".repeat(32) as Sha256);
  await minutes(world, 4);
  expect(sequences(world)).toHaveLength(sequence + 1);
  expect(world.log.filter((line) => line.includes("the audit log is left as it is"))).toHaveLength(1);
});

test("a log that was touched is left as it is: what tells of it stays", async () => {
  await using world = await createEngineWorld();
  const { sequence, hash } = await oldLog(world, AUDIT_LIMITS.keepEntries + 12);
  const second = world.etcd.dump()["audit/000000000002"] as AuditFacts;
  world.etcd.writeText("audit/000000000002", JSON.stringify({ ...second, act: "nothing" }));
  await exported(world, sequence, hash);
  await minutes(world, 3);
  expect(sequences(world)).toHaveLength(sequence + 1);
  expect(world.log.some((line) => line.includes("AUDIT_UNSOUND"))).toBe(true);
});

test("the next leader goes on where the last one stopped", async () => {
  await using world = await createEngineWorld();
  const engine = world.startEngine("m2");
  const { sequence, hash } = await oldLog(world, AUDIT_LIMITS.keepEntries + 12);
  await exported(world, sequence, hash);
  await engine.stop();
  await settle();
  await minutes(world, 3);
  expect(sequences(world)).toHaveLength(AUDIT_LIMITS.keepEntries);
});

test("an export of what this log does not have is refused, one that is known already changes nothing", async () => {
  await using world = await createEngineWorld();
  const { sequence, hash } = await oldLog(world, 3);
  const other = "ab".repeat(32) as Sha256;
  expect(await exported(world, sequence + 50, other)).toMatchObject({ kind: "refused", problem: { code: "CONFLICT" } });
  const { sequence: last } = await world.until((view) => view.get(keys.auditHead())?.value);
  expect(await exported(world, last, other)).toMatchObject({ kind: "refused", problem: { code: "CONFLICT" } });
  expect(await exported(world, sequence, hash)).toMatchObject({ kind: "applied", changed: ["audit"] });
  expect(await exported(world, sequence, hash)).toMatchObject({ kind: "applied", changed: [] });
});
