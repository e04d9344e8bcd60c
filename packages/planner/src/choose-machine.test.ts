import type { UnitName } from "@quarterdeck/model";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { ClusterView, UnitView } from "./cluster-view.ts";
import { createLoadHeap } from "./load-heap.ts";
import { planSchedule, planScheduleBy } from "./plan-schedule.ts";
import { applySteps } from "./testing/apply-steps.ts";
import { aMachine, at, aUnit, aView, withUnit } from "./testing/build-view.ts";
import { choosePlainly } from "./testing/choose-plainly.ts";

const RUNS = 300;
// A limit by the work and not by the clock: at a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 1_000 });

const someMachines = fc
  .array(
    fc.record({
      zone: fc.constantFrom("a", "b", "c"),
      role: fc.constantFrom("worker", "worker", "db"),
      memoryMiB: fc.constantFrom(null, 500, 1000, 3000),
      diskFreePercent: fc.constantFrom(null, 50, 50, 5),
      cordoned: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((facts) =>
    facts.map(({ zone, role, ...rest }, index) => aMachine(index + 1, { ...rest, metadata: { zone, role } })),
  );

/** Ten kinds of units, all of a kind with the same options; some stay away from their like, some from another kind. */
type Kind = {
  readonly conflicts: readonly string[];
  readonly memoryReserveMiB: number | null;
  readonly spread: string | null;
  readonly role: string | null;
};

const someKinds: fc.Arbitrary<readonly Kind[]> = fc.array(
  fc.record({
    conflicts: fc.constantFrom([], ["own"], ["k0@*.service"], ["*@1.service"]),
    memoryReserveMiB: fc.constantFrom(null, null, 200, 600),
    spread: fc.constantFrom(null, null, "zone"),
    role: fc.constantFrom(null, null, "worker"),
  }),
  { minLength: 10, maxLength: 10 },
);

function unitsOf(kinds: readonly Kind[], order: readonly number[]): readonly UnitView[] {
  return order.map((kind, index) => {
    const options = kinds[kind];
    return aUnit(`k${kind}@${index}.service`, {
      incarnation: index + 1,
      options: {
        conflicts: (options?.conflicts ?? []).map((pattern) => (pattern === "own" ? `k${kind}@*.service` : pattern)),
        memoryReserveMiB: options?.memoryReserveMiB ?? null,
        spread: options?.spread ?? null,
        machineMetadata: options?.role == null ? [] : [{ key: "role", values: [options.role] }],
      },
    });
  });
}

test("property: of clusters with many machines and units it makes the same plan as asking every machine, also when units make room for others", () => {
  const order = fc.array(fc.nat({ max: 9 }), { minLength: 20, maxLength: 120, size: "max" });
  fc.assert(
    fc.property(someMachines, someKinds, order, fc.nat({ max: 60 }), (machines, kinds, kindOf, first) => {
      const units = unitsOf(kinds, kindOf);
      const early = aView(machines, units.slice(0, first));
      const half = applySteps(early, planSchedule(early, at(0)).steps);
      // Those that come later make room for themselves among those that are there.
      const late = units.slice(first).map((unit, index): UnitView => {
        const replaces = index % 5 === 0 ? units.slice(index, index + 9).map(({ name }) => name) : [];
        if (replaces.length === 0 || unit.options.conflicts.length > 0) return unit;
        return {
          ...unit,
          options: { ...unit.options, replaces: replaces.filter((name: UnitName) => name !== unit.name) },
        };
      });
      const view: ClusterView = late.reduce(withUnit, half);
      expect(planSchedule(view, at(1))).toEqual(planScheduleBy(choosePlainly, view, at(1)));
    }),
    { numRuns: RUNS },
  );
});

test("property: a heap of machines answers in the order of loads that have grown meanwhile, then of ids", () => {
  const step = fc.oneof(
    fc.record({ grow: fc.nat({ max: 19 }), by: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 6 }) }),
  );
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 20 }), fc.array(step), (loads, steps) => {
      const machines = loads.map((_, index) => aMachine(index + 1));
      const loadOf = (index: number): number => loads[index] ?? 0;
      const heap = createLoadHeap(machines, ({ machine }) => loadOf(Number(machine) - 1));
      for (const next of steps) {
        if ("grow" in next) {
          if (next.grow < loads.length) loads[next.grow] = loadOf(next.grow) + next.by;
          continue;
        }
        const taken = Array.from({ length: Math.min(next.take, loads.length) }, () => {
          const item = heap.peek();
          if (item !== null) heap.pop();
          return item;
        });
        const best = machines
          .map((machine, index) => ({ machine, load: loadOf(index), index }))
          .toSorted((left, right) => left.load - right.load || left.index - right.index)
          .slice(0, taken.length);
        expect(taken.map((item) => item?.machine.hostname)).toEqual(best.map(({ machine }) => machine.hostname));
        for (const item of taken) if (item !== null) heap.push(item);
      }
    }),
    { numRuns: RUNS },
  );
});
