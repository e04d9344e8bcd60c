import { keys } from "@quarterdeck/etcd";
import type { Incarnation, Timestamp } from "@quarterdeck/model";
import type { ScheduleStep } from "@quarterdeck/planner";
import { expect, test } from "vitest";
import { composeSteps } from "./compose-steps.ts";
import { entryFacts, M1, M2, name, unitFacts } from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const hello = name("hello.service");
const why = { code: "MACHINE_LOST", text: "the test" } as const;
const common = { unit: hello, group: hello, reason: why, status: null };

test("a replaced loss compares the lost machine absent, the new one present, and both entries, all in one", async () => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts()), stored(keys.schedule(M1, hello), entryFacts()));
  const lostEntry = entryFacts({ target: { kind: "absentAfter", replacement: M2 } });
  const [batch] = composeSteps(view, [
    {
      ...common,
      kind: "replaceLost",
      machine: M2,
      entry: entryFacts(),
      expects: null,
      lost: M1,
      lostEntry,
      lostExpects: 3n,
    },
  ]);
  expect(batch?.transaction.when).toEqual([
    { kind: "modRevision", path: "units/hello.service", is: 2n },
    { kind: "absent", path: `schedule/${M2}/hello.service` },
    { kind: "present", path: `agents/${M2}/presence` },
    { kind: "absent", path: `agents/${M1}/presence` },
    { kind: "modRevision", path: `schedule/${M1}/hello.service`, is: 3n },
  ]);
  expect(batch?.transaction.then.map(({ path }) => path)).toEqual([
    `schedule/${M2}/hello.service`,
    `schedule/${M1}/hello.service`,
  ]);
});

test("an entry of a unit that was destroyed is forgotten only while the unit is still gone", async () => {
  const view = await viewOf(stored(keys.schedule(M1, hello), entryFacts({ target: { kind: "absent" } })));
  const [batch] = composeSteps(view, [{ ...common, kind: "forget", machine: M1, expects: 2n }]);
  expect(batch?.transaction).toEqual({
    when: [
      { kind: "absent", path: "units/hello.service" },
      { kind: "modRevision", path: `schedule/${M1}/hello.service`, is: 2n },
    ],
    then: [{ kind: "delete", path: `schedule/${M1}/hello.service` }],
  });
});

test("at most 32 units go in one transaction", async () => {
  const steps = Array.from({ length: 70 }, (_, index): ScheduleStep => {
    const unit = name(`u${index}.service`);
    return {
      kind: "place",
      unit,
      group: unit,
      reason: why,
      status: null,
      machine: M1,
      entry: entryFacts(),
      expects: null,
    };
  });
  expect(composeSteps(await viewOf(), steps).map((batch) => batch.steps.length)).toEqual([32, 32, 6]);
});

test("no transaction has more conditions than etcd takes, on however many machines its units are", async () => {
  const status = {
    v: 1,
    incarnation: "7" as Incarnation,
    phase: "placed",
    machine: M2,
    reason: why,
    refusals: [],
    since: "2026-11-24T00:00:00.000Z" as Timestamp,
  } satisfies ScheduleStep["status"];
  const steps = Array.from({ length: 70 }, (_, index): ScheduleStep => {
    const unit = name(`u${index}.service`);
    const machine = index.toString(16).padStart(32, "0") as typeof M1;
    return {
      kind: "replaceLost",
      unit,
      group: unit,
      reason: why,
      status,
      machine,
      entry: entryFacts(),
      expects: null,
      lost: M1,
      lostEntry: entryFacts(),
      lostExpects: 3n,
    };
  });
  const batches = composeSteps(await viewOf(), steps);
  expect(batches.map(({ transaction }) => transaction.when.length).filter((count) => count > 127)).toEqual([]);
  expect(batches.flatMap((batch) => batch.steps)).toEqual(steps);
});
