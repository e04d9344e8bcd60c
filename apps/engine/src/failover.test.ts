import { keys, ranges, remove, verifyAudit } from "@quarterdeck/etcd";
import type { AuditEntry, RequestAction } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { hashText } from "./hash-text.ts";
import { createEngineWorld, settle, type EngineWorld } from "./testing/engine-world.ts";
import { HELLO_TEXT, M1, name, OPERATOR, requestFacts } from "./testing/facts.ts";
import { CA } from "./testing/signing.ts";

const hello = name("hello.service");
const signal = new AbortController().signal;
const submit = (unit: string): RequestAction => ({
  verb: "submit",
  files: [{ name: name(unit), text: HELLO_TEXT }],
  replace: false,
});

/** The audit log, after it was followed link by link to its signed head. */
async function auditLog(world: EngineWorld): Promise<readonly AuditEntry[]> {
  const { entries } = await world.etcd.list(ranges.audit, signal);
  expect(await verifyAudit(world.etcd, { ca: CA }, signal)).toMatchObject({ ok: true, entries: entries.length });
  return entries.map(({ value }) => value);
}

async function leaderKeys(world: EngineWorld): Promise<readonly string[]> {
  const { entries } = await world.etcd.list(ranges.leaders, signal);
  return entries.toSorted((a, b) => (a.createRevision < b.createRevision ? -1 : 1)).map(({ names }) => names[0] ?? "");
}

test("a standby leads as soon as the leader resigns, and finishes what was asked", async () => {
  await using world = await createEngineWorld();
  const first = world.startEngine("m1");
  await world.until((view) => view.list(ranges.leaders).length === 1);
  const second = world.startEngine("m2");
  await world.until((view) => view.list(ranges.leaders).length === 2);
  expect([first.roles.at(-1), second.roles.at(-1)]).toEqual(["leader", "standby"]);
  await first.stop();
  expect(await world.ask(submit(hello))).toMatchObject({ kind: "applied" });
  expect(second.roles.at(-1)).toBe("leader");
});

test("every request is applied once however often the leader changes in the middle", async () => {
  await using world = await createEngineWorld();
  world.startEngine("m1");
  world.startEngine("m2");
  world.startEngine("m3");
  const agent = await world.addMachine({ machine: M1 });
  await world.until((view) => view.get(keys.machine(M1)));
  const count = 30;
  for (let index = 0; index < count; index += 1) {
    await world.submit({
      verb: "start",
      units: [name(`job-${index}.service`)],
      files: [{ name: name(`job-${index}.service`), text: HELLO_TEXT }],
      replace: false,
    });
    if (index % 10 !== 5) continue;
    // The leader's lease ends while it is at work.
    const [leader] = await leaderKeys(world);
    if (leader !== undefined) world.etcd.expireLease(leader);
  }
  await world.until((view) => view.list(ranges.requests).every(({ value }) => value.outcome !== null));
  await world.until(() => agent.running().length === count);
  const log = await auditLog(world);
  expect(log.filter(({ act }) => act === "start").length).toBe(count);
  expect(new Set(log.map(({ request }) => request).filter((id) => id !== null)).size).toBe(count);
  expect(agent.history.length).toBe(count);
});

test("an engine whose key was deleted behind its back writes nothing more and stands for election again", async () => {
  await using world = await createEngineWorld();
  const first = world.startEngine("m1");
  await world.until((view) => view.list(ranges.leaders).length === 1);
  const [leader] = await leaderKeys(world);
  await world.etcd.transact({ when: [], then: [remove(keys.leader(leader ?? ""))] }, signal);
  expect(await world.ask(submit(hello))).toMatchObject({ kind: "applied" });
  expect(first.roles).toEqual(["standby", "leader", "standby", "leader"]);
  expect((await auditLog(world)).length).toBe(1);
});

test("the log of engines that did not sign goes on, signed, with the first act", async () => {
  await using world = await createEngineWorld();
  const facts = { actor: null, request: null, act: "seed", subjects: ["policy"], outcome: "applied" };
  const text = JSON.stringify({ v: 1, sequence: 1, at: "2026-11-23T00:00:00.000Z", ...facts, previous: null });
  world.etcd.writeText("audit/000000000001", text);
  world.etcd.writeText("engine/audit-head", JSON.stringify({ v: 1, sequence: 1, hash: hashText(text) }));
  world.startEngine();
  for (const unit of ["a.service", "b.service"])
    expect(await world.ask(submit(unit))).toMatchObject({ kind: "applied" });
  expect((await auditLog(world)).map(({ act }) => act)).toEqual(["seed", "submit", "submit"]);
  expect(await verifyAudit(world.etcd, { ca: CA }, signal)).toMatchObject({ ok: true, signedFrom: 2 });
  expect(Object.keys(world.etcd.dump())).not.toContain("engine/audit-head");
});

test("a request that is sent twice is applied once", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  await world.submit(submit(hello), "the-same-id");
  await world.until((view) => view.get(keys.unit(hello)));
  await world.submit(submit(hello), "the-same-id");
  await settle();
  expect((await auditLog(world)).length).toBe(1);
});

test("what etcd cannot do now is done when it can", async () => {
  await using world = await createEngineWorld();
  const engine = world.startEngine();
  await world.until((view) => view.list(ranges.leaders).length === 1);
  engine.etcd.failNext("ETCD_UNREACHABLE", "ETCD_TIMEOUT");
  await world.submit(submit(hello));
  await settle();
  world.clock.advance(1_000);
  await settle();
  world.clock.advance(1_000);
  await world.until((view) => view.get(keys.unit(hello)));
  expect((await auditLog(world)).length).toBe(1);
});

test("a request that nobody can read, and one that lies about its sender, stop no other", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  world.etcd.writeText("requests/operator:eve/garbage-01", "{ not json");
  const lie = requestFacts(submit("evil.service"));
  world.etcd.writeText("requests/operator:eve/request-0001", JSON.stringify(lie));
  expect(await world.ask(submit(hello))).toMatchObject({ kind: "applied" });
  const { entries } = await world.etcd.list(ranges.requests, signal);
  const outcomes = Object.fromEntries(entries.map(({ path, value }) => [path, value.outcome]));
  expect(outcomes["requests/operator:eve/request-0001"]).toMatchObject({
    kind: "refused",
    problem: { code: "FORBIDDEN" },
  });
  expect(outcomes[`requests/${OPERATOR}/request-0001`]).toMatchObject({ kind: "applied" });
  expect(await world.etcd.get(keys.unit(name("evil.service")), signal)).toBeNull();
  await settle();
  expect(world.log.filter((line) => line.includes("cannot be read")).length).toBe(1);
});
