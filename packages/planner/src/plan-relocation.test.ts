import type { MachineId, UnitName, UnitStatus } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import type { ClusterView, MachineView, UnitView } from "./cluster-view.ts";
import { planRelocation } from "./plan-relocation.ts";
import { planSchedule } from "./plan-schedule.ts";
import { applySteps } from "./testing/apply-steps.ts";
import { aMachine, at, aUnit, aView, machineId, withMachine, type UnitChanges } from "./testing/build-view.ts";
import { anOrder, applyMoves, playRelocation, type RelocationStory } from "./testing/play-relocation.ts";
import { settleDown } from "./testing/settle-down.ts";

const NOW = at(60);
const M1 = machineId(1);
const pinnedTo = (machine: MachineId): UnitChanges => ({ options: { machineId: machine } });
const unitOf = (name: string, changes: UnitChanges = {}): UnitView => aUnit(name, changes);

/** Machines 1 to `size`; units are put on machine 1, before the others join. */
function crowded(size: number, ...units: readonly UnitView[]): ClusterView {
  const others = Array.from({ length: size - 1 }, (_, index) => aMachine(index + 2));
  return others.reduce(withMachine, settleDown(aView([aMachine(1)], units), NOW));
}

const opened = (machine: MachineView): MachineView => ({ ...machine, cordoned: false });
const cordoned = (view: ClusterView): ClusterView => withMachine(view, aMachine(1, { cordoned: true }));
const drain = (view: ClusterView, story: Partial<RelocationStory> = {}) =>
  playRelocation(cordoned(view), anOrder(M1), { now: NOW, ...story });
const placesOf = (view: ClusterView): Readonly<Record<string, string>> =>
  Object.fromEntries(
    view.entries
      .toSorted((left, right) => (left.unit < right.unit ? -1 : 1))
      .map(({ unit, machine, entry }) => [unit, `m${Number(machine)} ${entry.target.kind}`]),
  );
const name = (text: string): UnitName => text as UnitName;

describe("a drain", () => {
  test("moves units one at a time, the new copy before the old one, to the machine with the fewest units", () => {
    const story: string[] = [];
    const units = ["a.service", "b.service"].map((unit, index) => unitOf(unit, { incarnation: index + 1 }));
    const end = drain(crowded(3, ...units), {
      onPass: ({ plan }) =>
        void story.push(
          ...plan.writes.map(({ unit, machine, entry }) => `${unit} m${Number(machine)} ${entry.target.kind}`),
        ),
    });
    expect(story).toEqual([
      "a.service m2 launched",
      "a.service m1 absentAfter",
      "b.service m3 launched",
      "b.service m1 absentAfter",
    ]);
    expect(placesOf(end.view)).toEqual({ "a.service": "m2 launched", "b.service": "m3 launched" });
    expect(end.relocation).toMatchObject({ state: "done", reason: { text: "2 of 2 moved" }, endedAt: NOW });
  });

  test("does not begin the next move before the one before does well", () => {
    const units = ["a.service", "b.service"].map((unit, index) => unitOf(unit, { incarnation: index + 1 }));
    const end = drain(crowded(2, ...units), { behaviourOf: () => "starting" });
    expect(end.isAtRest).toBe(true);
    expect(end.relocation.moves.map(({ state }) => state)).toEqual(["moving", "pending"]);
    expect(
      end.view.entries
        .filter(({ machine }) => machine === M1)
        .map(({ unit, entry }) => `${unit} ${entry.target.kind}`)
        .toSorted(),
    ).toEqual(["a.service absentAfter", "b.service launched"]);
  });

  test("takes a move back that fails, and begins none behind it", () => {
    const units = ["a.service", "b.service"].map((unit, index) => unitOf(unit, { incarnation: index + 1 }));
    const end = drain(crowded(2, ...units), { behaviourOf: () => "failed" });
    expect(end.relocation).toMatchObject({ state: "failed", reason: { code: "MOVE_FAILED" } });
    expect(end.relocation.reason.text).toBe("a.service failed on m2 (exit-code); it goes on where it was, on m1");
    expect(end.relocation.moves.map(({ state }) => state)).toEqual(["failed", "pending"]);
    expect(placesOf(end.view)).toEqual({ "a.service": "m1 launched", "b.service": "m1 launched" });
  });

  test("gives up on a move that is not well by its deadline, and says what it waited for", () => {
    const begun = drain(crowded(2, unitOf("a.service")), { behaviourOf: () => "sick" });
    expect(planRelocation(begun.relocation, begun.view, NOW).wakeAt).toBe(at(660));
    const late = planRelocation(begun.relocation, begun.view, at(660));
    expect(late.relocation.reason.text).toContain(
      "a.service on m2: health failing, 503 Service Unavailable, for 600 s",
    );
    expect(late.writes.map(({ machine, entry }) => `m${Number(machine)} ${entry.target.kind}`)).toEqual([
      "m1 launched",
      "m2 absent",
    ]);
  });

  test("moves a unit that had failed already without waiting for it to do better", () => {
    const failed = crowded(2, unitOf("a.service"));
    const sick = {
      ...failed,
      states: failed.states.map((one) => ({ ...one, state: { ...one.state, active: "failed" } })),
    };
    const end = drain(sick, { behaviourOf: () => "failed" });
    expect(end.relocation.state).toBe("done");
    expect(placesOf(end.view)).toEqual({ "a.service": "m2 launched" });
  });

  test("touches a job that has just ended only once its end is written down, without which it would be run again", () => {
    const begun = cordoned(crowded(2, unitOf("a.service", { options: { runOnce: true } })));
    const ordered = planRelocation(anOrder(M1), begun, NOW).relocation;
    const ends = (one: ClusterView["states"][number]) => ({ ...one, state: { ...one.state, active: "inactive" } });
    const ended = { ...begun, states: begun.states.map(ends) };
    expect(planRelocation(ordered, ended, NOW)).toEqual({ relocation: ordered, writes: [], wakeAt: null });
    const written = applySteps(ended, planSchedule(ended, NOW).steps);
    expect(planRelocation(ordered, written, NOW).writes).toMatchObject([{ entry: { target: { kind: "absent" } } }]);
  });

  test("stops a singleton before it starts it elsewhere", () => {
    const kinds: string[] = [];
    const end = drain(crowded(2, unitOf("a.service", { options: { singleton: true } })), {
      onPass: ({ after }) =>
        void kinds.push(
          after.entries.map(({ machine, entry }) => `m${Number(machine)} ${entry.target.kind}`).join(" "),
        ),
    });
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual([
      "m1 launched",
      "m1 absent",
      "",
      "m2 launched",
    ]);
    expect(end.relocation).toMatchObject({ state: "done", moves: [{ order: "stop-first", state: "done" }] });
  });

  test("leaves a singleton where it is that might drive another unit off where the placing puts it", () => {
    const units = [
      unitOf("a.service", { options: { singleton: true, replaces: [name("b.service")] } }),
      unitOf("b.service", { incarnation: 2, ...pinnedTo(machineId(2)) }),
    ];
    const calm = settleDown(aView([aMachine(1), aMachine(2), aMachine(3)], units), NOW);
    const end = playRelocation(cordoned(calm), anOrder(M1), { now: NOW });
    expect(placesOf(end.view)).toEqual({ "a.service": "m1 launched", "b.service": "m2 launched" });
    expect(end.relocation.moves).toMatchObject([
      {
        state: "stays",
        refusals: [{ reason: { code: "REPLACES" } }, { reason: { text: "it would drive b.service off m2" } }],
      },
    ]);
  });

  test("chooses as the placing does: not where the unit has failed, and of a spread unit where the fewest of its like are", () => {
    const failed = crowded(3, unitOf("a.service"));
    const status = failed.statuses.get(name("a.service"));
    const failures = { generation: 1, count: 1, machines: [machineId(2)], at: NOW };
    const statuses = new Map([[name("a.service"), { ...(status as UnitStatus), failures }]]);
    expect(placesOf(drain({ ...failed, statuses }).view)).toEqual({ "a.service": "m3 launched" });

    const zoned = (index: number, zone: string) => aMachine(index, { metadata: { zone }, cordoned: index === 1 });
    const spread = ["w@1.service", "w@2.service"].map((unit, index) =>
      unitOf(unit, { incarnation: index + 1, options: { spread: "zone" } }),
    );
    const plain = ["x.service", "y.service"].map((unit, index) =>
      unitOf(unit, { incarnation: index + 4, ...pinnedTo(machineId(3)) }),
    );
    const view = settleDown(
      aView([zoned(1, "a"), zoned(2, "b"), zoned(3, "a")].map(opened), [...spread, ...plain]),
      NOW,
    );
    expect(placesOf(view)).toMatchObject({ "w@1.service": "m1 launched", "w@2.service": "m2 launched" });
    const end = playRelocation(withMachine(view, zoned(1, "a")), anOrder(M1), { now: NOW });
    // m3 has more units than m2, and none of its like but one.
    expect(placesOf(end.view)).toMatchObject({ "w@1.service": "m3 launched", "w@2.service": "m2 launched" });
  });

  test("moves what MachineOf ties together at once", () => {
    const units = [
      unitOf("a.service"),
      unitOf("b.service", { incarnation: 2, options: { machineOf: [name("a.service")] } }),
    ];
    const end = drain(crowded(2, ...units), {
      onPass: ({ plan }) => expect([0, 4]).toContain(plan.writes.length),
    });
    expect(end.relocation.moves.map(({ units: together }) => together)).toEqual([["a.service", "b.service"]]);
    expect(placesOf(end.view)).toEqual({ "a.service": "m2 launched", "b.service": "m2 launched" });
  });

  test("leaves what can go nowhere else with a reason per machine, and Global units", () => {
    const end = drain(
      crowded(
        3,
        unitOf("a.service", pinnedTo(M1)),
        unitOf("b.service", { incarnation: 2, options: { global: true } }),
        unitOf("c.service", { incarnation: 3 }),
      ),
    );
    expect(end.relocation).toMatchObject({ state: "done", reason: { text: "1 of 3 moved, 2 stay" } });
    expect(end.relocation.moves).toMatchObject([
      {
        units: ["a.service"],
        state: "stays",
        reason: { code: "NO_CANDIDATE", text: "all 2 other machines refuse it" },
        refusals: [
          { machine: machineId(2), reason: { code: "MACHINE_ID_MISMATCH" } },
          { machine: machineId(3), reason: { code: "MACHINE_ID_MISMATCH" } },
        ],
      },
      { units: ["c.service"], state: "done" },
      { units: ["b.service"], state: "stays", reason: { code: "GLOBAL_UNIT" } },
    ]);
  });

  test("tries again when the machine that a unit went to is lost before it does well", () => {
    const begun = drain(crowded(3, unitOf("a.service")), { behaviourOf: () => "starting" });
    const lost = withMachine(begun.view, {
      ...aMachine(2),
      presence: { kind: "silent", since: at(50), graceOver: true, declaredLost: false },
    });
    const end = playRelocation(lost, begun.relocation, { now: NOW });
    expect(end.relocation.state).toBe("done");
    expect(placesOf(end.view)["a.service"]).not.toContain("m1");
  });

  test("waits while the brake is on, and for its own machine while that is silent", () => {
    const silent = (index: number, zone: string) =>
      aMachine(index, {
        zone,
        cordoned: index === 1,
        presence: { kind: "silent", since: at(50), graceOver: true, declaredLost: false },
      });
    const ordered = planRelocation(anOrder(M1), cordoned(crowded(4, unitOf("a.service"))), NOW).relocation;
    const view = cordoned(crowded(4, unitOf("a.service")));
    const braked = [silent(3, "z3"), silent(4, "z4")].reduce(withMachine, view);
    expect(planRelocation(ordered, braked, NOW)).toEqual({ relocation: ordered, writes: [], wakeAt: null });
    expect(planRelocation(ordered, withMachine(view, silent(1, "z1")), NOW).relocation).toBe(ordered);
  });

  test("is over at once where there is nothing to move", () => {
    expect(drain(crowded(2)).relocation).toMatchObject({ state: "done", moves: [] });
  });
});

describe("a rebalance", () => {
  const many = (count: number): readonly UnitView[] =>
    Array.from({ length: count }, (_, index) => unitOf(`u${index}.service`, { incarnation: index + 1 }));
  const rebalance = (view: ClusterView, max: number | null = null, story: Partial<RelocationStory> = {}) =>
    playRelocation(view, anOrder(null, max), { now: NOW, ...story });
  const loads = (view: ClusterView): readonly number[] =>
    [...view.machines.keys()].map((machine) => view.entries.filter((entry) => entry.machine === machine).length);

  test("fills an empty machine until no two differ by more than one, the newest units first", () => {
    const end = rebalance(crowded(3, ...many(7)));
    expect(loads(end.view)).toEqual([3, 2, 2]);
    expect(end.relocation.moves.map(({ units }) => units[0])).toEqual([
      "u6.service",
      "u5.service",
      "u4.service",
      "u3.service",
    ]);
  });

  test("makes no more moves than it was allowed", () => {
    const end = rebalance(crowded(3, ...many(7)), 2);
    expect(end.relocation.moves).toHaveLength(2);
    expect(loads(end.view)).toEqual([5, 1, 1]);
  });

  test("has nothing to do where it is even, and plans nothing more when it is done", () => {
    const end = rebalance(crowded(2, ...many(5)));
    expect(loads(end.view)).toEqual([3, 2]);
    expect(rebalance(end.view).relocation).toMatchObject({ state: "done", moves: [] });
  });

  test("lets a unit make room for another where the full machine's units may not go to the empty one", () => {
    const db = { machineMetadata: [{ key: "disk", values: ["ssd"] }] };
    const ssd = { metadata: { role: "worker", disk: "ssd" } };
    const own = ["a.service", "b.service", "c.service"].map((unit, index) =>
      unitOf(unit, { incarnation: index + 1, options: db }),
    );
    const free = [unitOf("x.service", { incarnation: 4 }), unitOf("y.service", { incarnation: 5 })];
    const view = settleDown(aView([aMachine(1, ssd)], own), NOW);
    const middle = settleDown(
      free.reduce(
        (current, unit) => ({ ...current, units: new Map(current.units).set(unit.name, unit) }),
        withMachine(view, aMachine(2, ssd)),
      ),
      NOW,
    );
    expect(loads(middle)).toEqual([3, 2]);
    const end = rebalance(withMachine(middle, aMachine(3)));
    expect(loads(end.view)).toEqual([2, 2, 1]);
    expect(end.relocation.moves.map(({ units, from, to }) => `${units[0]} m${Number(from)} m${Number(to)}`)).toEqual([
      "y.service m2 m3",
      "c.service m1 m2",
    ]);
  });

  test("neither fills nor empties a cordoned machine", () => {
    const view = crowded(3, ...many(6));
    const end = rebalance(withMachine(view, aMachine(3, { cordoned: true })));
    expect(loads(end.view)).toEqual([3, 3, 0]);
    expect(rebalance(cordoned(view)).relocation.moves).toEqual([]);
  });

  test("leaves out a move that is no longer needed when its turn comes", () => {
    const view = crowded(2, ...many(2));
    const ordered = planRelocation(anOrder(null), view, NOW).relocation;
    const moved = applyMoves(view, planRelocation(ordered, view, NOW).writes);
    const settled = settleDown(moved, NOW);
    const again = { ...ordered, moves: ordered.moves.map((move) => ({ ...move, units: [name("u0.service")] })) };
    expect(planRelocation(again, settled, NOW).relocation.moves).toMatchObject([
      { state: "stays", reason: { code: "MOVE_NOT_NEEDED" } },
    ]);
  });

  test("does not put a unit back that was stopped first, though its old machine is as good by then", () => {
    const single = { options: { singleton: true } };
    const view = crowded(
      2,
      unitOf("a.service", single),
      unitOf("b.service", { incarnation: 2, ...single }),
      unitOf("c.service", { incarnation: 3, ...pinnedTo(machineId(2)) }),
    );
    const ordered = planRelocation(anOrder(null), crowded(2, ...many(2)), NOW).relocation;
    const planned = { ...ordered, moves: ordered.moves.map((move) => ({ ...move, units: [name("a.service")] })) };
    const end = playRelocation(settleDown(view, NOW), planned, { now: NOW });
    expect(placesOf(end.view)["a.service"]).toBe("m2 launched");
    expect(end.relocation).toMatchObject({ state: "done", moves: [{ state: "done", reason: { code: "MOVED" } }] });
  });
});
