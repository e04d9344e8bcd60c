import { keys, put, remove, type Operation } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { deriveView } from "./derive-view.ts";
import { hashText } from "./hash-text.ts";
import { createOverlay } from "./overlay.ts";
import {
  entryFacts,
  HELLO_TEXT,
  M1,
  M2,
  name,
  OTHER_TEXT,
  presenceFacts,
  stateFacts,
  unitFacts,
} from "./testing/facts.ts";
import { createViewMemory } from "./view-memory.ts";

const RUNS = 60;
// A limit by the work and not by the clock: at five seconds a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 5_000 });

const PREFIXES = ["units/", "unit-files/", "schedule/", "status/", "agents/", "machines/", "relocations/", "brake"];
const TEXTS = [HELLO_TEXT, OTHER_TEXT];
const AT = "2026-11-24T00:00:00.000Z" as never;
const signal = new AbortController().signal;

const someName = fc.constantFrom("a.service", "b.service").map(name);
const someMachine = fc.constantFrom(M1, M2);
const someHash = fc.constantFrom(...TEXTS).map(hashText);
const recordOf = (machine: typeof M1, cordoned: boolean) => ({
  v: 1 as const,
  machine,
  metadata: {},
  cordoned,
  lastPresence: presenceFacts(machine),
  lostAt: null,
});

/** One write of the keys that a view is derived from, deletions and the text of a unit that comes late among them. */
const someWrite: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(someName, someHash).map(([unit, hash]) => put(keys.unit(unit), unitFacts({ hash }))),
  fc.constantFrom(...TEXTS).map((text) => put(keys.unitFile(hashText(text)), { v: 1, text })),
  fc.tuple(someMachine, someName).map(([machine, unit]) => put(keys.schedule(machine, unit), entryFacts())),
  fc
    .tuple(someMachine, someName, fc.constantFrom("active", "failed"))
    .map(([machine, unit, active]) => put(keys.state(machine, unit), stateFacts({ active }))),
  someMachine.map((machine) => put(keys.presence(machine), presenceFacts(machine))),
  fc
    .tuple(someMachine, fc.boolean())
    .map(([machine, cordoned]) => put(keys.machine(machine), recordOf(machine, cordoned))),
  someName.map((unit) => remove(keys.unit(unit))),
  fc.tuple(someMachine, someName).map(([machine, unit]) => remove(keys.state(machine, unit))),
  fc.tuple(someMachine, someName).map(([machine, unit]) => remove(keys.schedule(machine, unit))),
  someMachine.map((machine) => remove(keys.presence(machine))),
);

const someStep = fc.oneof(
  { weight: 8, arbitrary: someWrite.map((write) => ({ kind: "write" as const, write })) },
  // What only a newer engine can read.
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("units/a.service", "status/b.service", `schedule/${M1}/a.service`, `agents/${M1}/presence`)
      .map((path) => ({ kind: "unreadable" as const, path })),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("silence" as const), machine: fc.option(someMachine) }) },
);

test("property: the view that is kept up with a mirror is the one that would be derived from nothing, through this leader's own writes too", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(someStep, { minLength: 5, maxLength: 25 }), async (steps) => {
      const etcd = fakeEtcd();
      await using mirror = await etcd.mirror(PREFIXES, signal);
      const overlay = createOverlay(mirror);
      const memory = createViewMemory();
      let verdict = { silences: new Map(), mayActOnLosses: true, lossBudget: 1 };
      const compare = (): void =>
        expect(deriveView(overlay, verdict, memory)).toEqual(deriveView(overlay, verdict, createViewMemory()));
      for (const step of steps) {
        if (step.kind === "silence") {
          const silences = new Map(step.machine === null ? [] : [[step.machine, { since: AT, graceOver: false }]]);
          verdict = { ...verdict, silences };
        } else if (step.kind === "unreadable") etcd.writeText(step.path, '{"v":2}');
        else {
          const { revision } = await etcd.transact({ when: [], then: [step.write] }, signal);
          overlay.apply([step.write], revision);
          compare();
          // A removal of what is not there makes no revision.
          for await (const _ of mirror.changes(signal)) if (mirror.revision >= revision) break;
          overlay.settle();
        }
        compare();
      }
    }),
    { numRuns: RUNS },
  );
});
