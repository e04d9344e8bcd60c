import { keys } from "@quarterdeck/etcd";
import type { Relocation, RelocationId, Request, Sha256, Timestamp, UnitStatus } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { formatTimestamp } from "./format-timestamp.ts";
import { hashText } from "./hash-text.ts";
import { planGarbage } from "./plan-garbage.ts";
import {
  HELLO_TEXT,
  M1,
  name,
  NOW,
  OPERATOR,
  OTHER_TEXT,
  presenceFacts,
  requestFacts,
  unitFacts,
} from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const HOUR = 3_600_000;
const DRAIN: Relocation = {
  v: 1,
  id: "drain-0000000000000000" as RelocationId,
  kind: "drain",
  machine: M1,
  max: null,
  state: "done",
  moves: [],
  reason: { code: "MOVED", text: "" },
  request: requestFacts({ verb: "drain", machine: M1 }).id,
  by: OPERATOR,
  startedAt: formatTimestamp(NOW),
  endedAt: null,
};
const hello = name("hello.service");
const file = (text: string) => stored(keys.unitFile(hashText(text)), { v: 1, text });

function doomed(plan: ReturnType<typeof planGarbage>): readonly string[] {
  return plan.transaction?.then.map(({ path }) => path) ?? [];
}

test("an unreferenced unit file goes an hour after it was found unreferenced; a used one stays", async () => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts()), file(HELLO_TEXT), file(OTHER_TEXT));
  const found = planGarbage(view, { now: NOW, elapsed: 5, unreferencedSince: new Map() });
  expect([doomed(found), [...found.unreferencedSince]]).toEqual([[], [[hashText(OTHER_TEXT), 5]]]);
  const early = planGarbage(view, { now: NOW, elapsed: HOUR, unreferencedSince: found.unreferencedSince });
  expect(doomed(early)).toEqual([]);
  const due = planGarbage(view, { now: NOW, elapsed: HOUR + 5, unreferencedSince: early.unreferencedSince });
  expect(doomed(due)).toEqual([`unit-files/${hashText(OTHER_TEXT)}`]);
});

test("a file that was used in between starts its hour anew", async () => {
  const since: ReadonlyMap<Sha256, number> = new Map([[hashText(HELLO_TEXT), 0]]);
  const used = planGarbage(await viewOf(stored(keys.unit(hello), unitFacts()), file(HELLO_TEXT)), {
    now: NOW,
    elapsed: 10,
    unreferencedSince: since,
  });
  expect([...used.unreferencedSince]).toEqual([]);
});

test("a request goes a day after its outcome, one without an outcome never", async () => {
  const action = { verb: "stop" as const, units: [hello] };
  const outcome: Request["outcome"] = {
    kind: "refused",
    problem: { code: "FORBIDDEN", message: "no" },
    at: new Date(NOW - 24 * HOUR).toISOString() as Timestamp,
  };
  const answered = requestFacts(action, { id: "answered-1" as Request["id"], outcome });
  const waiting = requestFacts(action, {
    id: "waiting-01" as Request["id"],
    submittedAt: "2020-01-01T00:00:00.000Z" as Timestamp,
  });
  const view = await viewOf(
    stored(keys.request(OPERATOR, answered.id), answered),
    stored(keys.request(OPERATOR, waiting.id), waiting),
  );
  expect(doomed(planGarbage(view, { now: NOW - 1, elapsed: 0, unreferencedSince: new Map() }))).toEqual([]);
  expect(doomed(planGarbage(view, { now: NOW, elapsed: 0, unreferencedSince: new Map() }))).toEqual([
    "requests/operator:anna/answered-1",
  ]);
});

test("the memory of a destroyed unit goes at once", async () => {
  const status: UnitStatus = {
    v: 1,
    incarnation: "2" as UnitStatus["incarnation"],
    phase: "unplaced",
    machine: null,
    reason: { code: "NO_MACHINES", text: "none" },
    refusals: [],
    since: "2026-11-24T00:00:00.000Z" as Timestamp,
  };
  const view = await viewOf(stored(keys.status(hello), status));
  const plan = planGarbage(view, { now: NOW, elapsed: 0, unreferencedSince: new Map() });
  expect(doomed(plan)).toEqual(["status/hello.service"]);
  expect(plan.transaction?.when).toEqual([{ kind: "modRevision", path: "status/hello.service", is: 2n }]);
});

test("a drain is kept while its machine is cordoned, then goes a day after its end; one that goes on never does", async () => {
  const look = async (cordoned: boolean, endedAt: number | null, now: number): Promise<readonly string[]> => {
    const record = { metadata: {}, cordoned, lastPresence: presenceFacts(M1), lostAt: null };
    const ended = endedAt === null ? null : formatTimestamp(endedAt);
    const view = await viewOf(
      stored(keys.machine(M1), { v: 1, machine: M1, ...record }),
      stored(keys.relocation(DRAIN.id), { ...DRAIN, endedAt: ended, state: ended === null ? "running" : "done" }),
    );
    return doomed(planGarbage(view, { now, elapsed: 0, unreferencedSince: new Map() }));
  };
  expect(await look(false, NOW, NOW + 24 * HOUR)).toEqual([`relocations/${DRAIN.id}`]);
  expect(await look(false, NOW, NOW + 23 * HOUR)).toEqual([]);
  expect(await look(true, NOW, NOW + 24 * HOUR)).toEqual([]);
  expect(await look(false, null, NOW + 24 * HOUR)).toEqual([]);
});
