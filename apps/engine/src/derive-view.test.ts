import { keys, ranges } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";
import type { Relocation, RelocationId, RequestId, Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { deriveView } from "./derive-view.ts";
import { hashText } from "./hash-text.ts";
import { presentMachines } from "./present-machines.ts";
import { entryFacts, HELLO_TEXT, M1, M2, name, presenceFacts, unitFacts } from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";
import { createViewMemory } from "./view-memory.ts";

const AT = "2026-11-24T00:00:00.000Z" as Timestamp;
const hello = name("hello.service");
const quiet = { silences: new Map(), mayActOnLosses: true, lossBudget: 1 };
const file = stored(keys.unitFile(hashText(HELLO_TEXT)), { v: 1 as const, text: HELLO_TEXT });

test("the operator's metadata wins over the machine's own, key by key", async () => {
  const presence = presenceFacts(M1, { metadata: { role: "worker", rack: "a" } });
  const view = await viewOf(
    stored(keys.presence(M1), presence),
    stored(keys.machine(M1), {
      v: 1,
      machine: M1,
      metadata: { rack: "b" },
      cordoned: true,
      lastPresence: presence,
      lostAt: null,
    }),
  );
  const { cluster } = deriveView(view, quiet, createViewMemory());
  expect(cluster.machines.get(M1)).toMatchObject({
    metadata: { role: "worker", rack: "b" },
    cordoned: true,
    presence: { kind: "present" },
  });
});

test("a silent machine says since when, and whether it was declared lost", async () => {
  const lostAt = "2026-11-24T00:00:00.000Z" as never;
  const view = await viewOf(
    stored(keys.machine(M1), {
      v: 1,
      machine: M1,
      metadata: {},
      cordoned: false,
      lastPresence: presenceFacts(M1),
      lostAt,
    }),
  );
  const silences = new Map([[M1, { since: lostAt, graceOver: true }]]);
  const { cluster } = deriveView(view, { ...quiet, silences }, createViewMemory());
  expect(cluster.machines.get(M1)?.presence).toEqual({
    kind: "silent",
    since: lostAt,
    graceOver: true,
    declaredLost: true,
  });
});

test.each([
  ["units/hello.service", '{"v":2}'],
  ["status/hello.service", '{"v":2}'],
  [`schedule/${M2}/hello.service`, '{"v":2}'],
])(
  "a unit whose %s this engine cannot read is left alone: the planner sees neither it nor its entries",
  async (path, text) => {
    const etcd = fakeEtcd();
    const { signal } = new AbortController();
    const write = [file, stored(keys.unit(hello), unitFacts()), stored(keys.schedule(M1, hello), entryFacts())];
    for (const operation of write) await etcd.transact({ when: [], then: [operation] }, signal);
    etcd.writeText(path, text);
    const view = await etcd.snapshot(
      ["units/", "unit-files/", "schedule/", "status/", "agents/", "machines/", "relocations/", "brake"],
      signal,
    );
    const { cluster, leftAlone } = deriveView(view, quiet, createViewMemory());
    expect([[...leftAlone], cluster.units.size, cluster.entries.length]).toEqual([[hello], 0, 0]);
  },
);

test("a unit whose text is missing is left alone too", async () => {
  const { cluster, leftAlone } = deriveView(
    await viewOf(stored(keys.unit(hello), unitFacts())),
    quiet,
    createViewMemory(),
  );
  expect([[...leftAlone], cluster.units.size]).toEqual([[hello], 0]);
});

test("a unit that a move under way stops first is told with the machine that it is moved from, and no other", async () => {
  const move = { from: M1, to: M2, startedAt: AT, sick: false, reason: null, refusals: [] };
  const relocation = {
    v: 1 as const,
    id: "drain-0000000000000000" as RelocationId,
    kind: "drain" as const,
    machine: M1,
    max: null,
    state: "running" as const,
    moves: [
      { ...move, units: [name("done.service")], order: "stop-first" as const, state: "done" as const },
      { ...move, units: [hello], order: "stop-first" as const, state: "moving" as const },
      { ...move, units: [name("later.service")], order: null, state: "pending" as const },
    ],
    reason: { code: "REQUESTED" as const, text: "" },
    request: "request-0001" as RequestId,
    by: "anna",
    startedAt: AT,
    endedAt: null,
  };
  const movedOf = async (value: Relocation) =>
    deriveView(await viewOf(stored(keys.relocation(value.id), value)), quiet, createViewMemory()).cluster.movedFrom;
  expect(await movedOf(relocation)).toEqual(new Map([[hello, M1]]));
  expect(await movedOf({ ...relocation, state: "failed" })).toEqual(new Map());
  const moves = relocation.moves.map((one) => ({ ...one, order: "start-first" as const }));
  expect(await movedOf({ ...relocation, moves })).toEqual(new Map());
});

test("a presence of a newer agent counts as present", async () => {
  const etcd = fakeEtcd();
  etcd.writeText(`agents/${M1}/presence`, '{"v":2}');
  const view = await etcd.snapshot(["agents/"], new AbortController().signal);
  expect([view.list(ranges.presences).length, [...presentMachines(view)]]).toEqual([0, [M1]]);
});
