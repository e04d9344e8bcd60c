import type { MachineId, Relocation } from "@quarterdeck/model";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { ClusterView, UnitView } from "./cluster-view.ts";
import { planRelocation } from "./plan-relocation.ts";
import { planSchedule } from "./plan-schedule.ts";
import { someHistory, type ClusterHistory } from "./testing/arbitrary-cluster.ts";
import { aMachine, at, aView, machineId, withMachine } from "./testing/build-view.ts";
import { brokenConstraint, isLive } from "./testing/cluster-oracle.ts";
import { playEvents } from "./testing/play-events.ts";
import { anOrder, playRelocation, type RelocationEnd, type RelocationPass } from "./testing/play-relocation.ts";
import { settleDown } from "./testing/settle-down.ts";

const RUNS = { numRuns: 300 };
// A limit by the work and not by the clock: at a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS.numRuns * 1_000 });
const NOW = at(100_000);

/** A cluster that something has happened to and that has come to rest, all its machines present. */
function calm({ size, events }: ClusterHistory): ClusterView {
  const machines = Array.from({ length: size }, (_, index) =>
    aMachine(index + 1, { metadata: { role: index % 3 === 2 ? "db" : "worker" } }),
  );
  const played = playEvents(aView(machines), events);
  const back = [...played.machines.values()].reduce<ClusterView>(
    (current, machine) => withMachine(current, { ...machine, presence: { kind: "present" } }),
    { ...played, mayActOnLosses: true },
  );
  return settleDown(back, NOW);
}

/** Some units are singletons, of which there must never be two copies. */
function withSingletons(view: ClusterView, every: number): ClusterView {
  const units = [...view.units.values()].map((unit, index): UnitView =>
    index % every === 0 && !unit.options.global ? { ...unit, options: { ...unit.options, singleton: true } } : unit,
  );
  const singletons = new Set(units.filter(({ options }) => options.singleton).map(({ name }) => name));
  return {
    ...view,
    units: new Map(units.map((unit) => [unit.name, unit])),
    entries: view.entries.map((entry) =>
      singletons.has(entry.unit) ? { ...entry, entry: { ...entry.entry, singleton: true } } : entry,
    ),
  };
}

/** Whether units that had no place have found one, so that the cluster is not the one that was planned for. */
const hasFoundPlaces = (after: ClusterView, before: ClusterView): boolean =>
  after.entries.filter(isLive).length > before.entries.filter(isLive).length;

type Case = { readonly view: ClusterView; readonly order: Relocation };

const someCase: fc.Arbitrary<Case> = fc
  .record({
    history: someHistory(),
    every: fc.integer({ min: 2, max: 4 }),
    drained: fc.option(fc.integer({ min: 1, max: 5 })),
    max: fc.option(fc.integer({ min: 1, max: 4 })),
  })
  .map(({ history, every, drained, max }) => {
    const view = withSingletons(calm(history), every);
    const machine = drained === null ? undefined : view.machines.get(machineId(drained));
    return machine === undefined
      ? { view, order: anOrder(null, max) }
      : { view: withMachine(view, { ...machine, cordoned: true }), order: anOrder(machine.machine) };
  });

function always(
  check: (end: RelocationEnd, given: Case) => void,
  onPass?: (pass: RelocationPass, given: Case) => void,
): void {
  fc.assert(
    fc.property(someCase, (given) => {
      const end = playRelocation(given.view, given.order, { now: NOW, onPass: (pass) => onPass?.(pass, given) });
      check(end, given);
    }),
    RUNS,
  );
}

test("a drain and a rebalance come to an end, and then nothing is left to plan", () => {
  always(({ view, relocation, isAtRest }) => {
    expect([isAtRest, relocation.state]).toEqual([true, "done"]);
    expect(planSchedule(view, NOW).steps).toEqual([]);
    expect(relocation.moves.filter(({ state }) => state === "pending" || state === "moving")).toEqual([]);
  });
});

test("no hard constraint is violated, at no moment", () => {
  always(
    ({ view }) => {
      // An old copy whose replacement has failed was put there by no plan of today: it is better than none, whatever its machine has become.
      for (const entry of view.entries) if (isLive(entry)) expect(brokenConstraint(view, entry)).toBeNull();
    },
    ({ plan, after }) => {
      for (const write of plan.writes) {
        if (!write.arrives) continue;
        expect(brokenConstraint(after, { ...write, modRevision: 0n })).toBeNull();
        expect(after.machines.get(write.machine)).toMatchObject({ cordoned: false, presence: { kind: "present" } });
      }
    },
  );
});

test("there are never two copies but of a unit that is being moved start-first, and of a singleton never", () => {
  always(
    () => {},
    ({ plan, after }, { view: before }) => {
      const moving = plan.relocation.moves.find(({ state }) => state === "moving");
      for (const [name, { options }] of after.units) {
        // An old copy whose replacement has failed was there before and stays.
        if (options.global || before.entries.filter((entry) => entry.unit === name).length > 1) continue;
        const entries = after.entries.filter((entry) => entry.unit === name);
        expect(entries.filter(isLive).length, name).toBeLessThanOrEqual(1);
        if (entries.length < 2) continue;
        expect(options.singleton, name).toBe(false);
        expect(moving?.order).toBe("start-first");
        expect(moving?.units).toContain(name);
      }
    },
  );
});

test("a unit that is stopped first comes where its drain said, and elsewhere than where a rebalance has stopped it", () => {
  always(({ view, relocation }, { view: before, order }) => {
    if (hasFoundPlaces(view, before)) return;
    for (const move of relocation.moves) {
      if (move.order !== "stop-first" || move.state !== "done") continue;
      for (const unit of move.units) {
        // An old copy that was left somewhere is taken back before a new one is made.
        if (before.entries.filter((entry) => entry.unit === unit).length > 1) continue;
        const live = view.entries.find((entry) => entry.unit === unit && isLive(entry))?.machine;
        if (order.kind === "drain") expect(live, unit).toBe(move.to);
        // The placing may know of one better than what was planned, which is all that a rebalance is for.
        else expect(live === move.from, `${unit}: ${move.reason?.text}`).toBe(move.reason?.code === "MOVE_NOT_NEEDED");
      }
    }
  });
});

test("a drain moves units of the named machine and no other, and leaves none that could have gone", () => {
  always(({ view, relocation }, { view: before, order }) => {
    const { machine } = order;
    if (machine === null) return;
    const placeOf = (from: ClusterView, unit: string): MachineId | null =>
      from.entries.find((entry) => entry.unit === unit && isLive(entry))?.machine ?? null;
    for (const [name, { options }] of before.units) {
      const was = placeOf(before, name);
      if (options.global || was === null || was === machine) continue;
      expect(placeOf(view, name), name).toBe(was);
    }
    for (const move of relocation.moves) {
      if (move.state === "stays" && move.reason?.code !== "GLOBAL_UNIT")
        expect(move.refusals.length).toBe(view.machines.size - 1);
    }
    const again = playRelocation(view, order, { now: NOW });
    expect(again.view.entries).toEqual(view.entries);
  });
});

test("a rebalance leaves no pair of machines between which a move would even things out, and moves each unit at most once", () => {
  always(({ view, relocation }, { view: before, order }) => {
    if (order.machine !== null) return;
    const names = relocation.moves.flatMap(({ units }) => units);
    expect(new Set(names).size).toBe(names.length);
    if (order.max !== null) expect(relocation.moves.length).toBeLessThanOrEqual(order.max);
    if (order.max !== null || relocation.moves.some(({ order: how }) => how === "stop-first")) return;
    // Where room was made for a unit that had no place, there is something to gain anew.
    if (hasFoundPlaces(view, before)) return;
    // A second rebalance may move again what the first one has moved once; there is nothing to gain without that.
    const more = planRelocation(anOrder(null), view, NOW).relocation.moves.flatMap(({ units }) => units);
    expect(more.length === 0 || more.some((name) => names.includes(name)), more.join(" ")).toBe(true);
  });
});

test("equal views give equal plans", () => {
  always(
    () => {},
    ({ before, plan }, { order }) => {
      const turned: ClusterView = {
        ...before,
        entries: before.entries.toReversed(),
        states: before.states.toReversed(),
      };
      if (plan.relocation.state === "running" && plan.relocation.moves.length > 0)
        expect(planRelocation(order, turned, NOW)).toEqual(planRelocation(order, before, NOW));
    },
  );
});
