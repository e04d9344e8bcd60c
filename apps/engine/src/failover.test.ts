import { keys, ranges, remove } from "@quarterdeck/etcd";
import type { AuditEntry, RequestAction } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { hashText } from "./hash-text.ts";
import { createEngineWorld, settle, type EngineWorld } from "./testing/engine-world.ts";
import { HELLO_TEXT, M1, name, OPERATOR, requestFacts } from "./testing/facts.ts";

const hello = name("hello.service");
const signal = new AbortController().signal;
const submit = (unit: string): RequestAction => ({
  verb: "submit",
  files: [{ name: name(unit), text: HELLO_TEXT }],
  replace: false,
});

/** The audit log as it is stored, after its chain was checked link by link. */
function auditLog(world: EngineWorld): readonly AuditEntry[] {
  const stored = Object.entries(world.etcd.dump())
    .filter(([path]) => path.startsWith("audit/"))
    .map(([, value]) => value as AuditEntry);
  let previous: string | null = null;
  for (const [index, entry] of stored.entries()) {
    expect([entry.sequence, entry.previous]).toEqual([index + 1, previous]);
    previous = hashText(JSON.stringify(entry));
  }
  return stored;
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
  const log = auditLog(world);
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
  expect(auditLog(world).length).toBe(1);
});

test("a request that is sent twice is applied once", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  await world.submit(submit(hello), "the-same-id");
  await world.until((view) => view.get(keys.unit(hello)));
  await world.submit(submit(hello), "the-same-id");
  await settle();
  expect(auditLog(world).length).toBe(1);
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
  expect(auditLog(world).length).toBe(1);
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
