import type { MachineId, UnitName, UnitState } from "@quarterdeck/model";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { ClusterView, MachineView, UnitView } from "./cluster-view.ts";
import { planSchedule } from "./plan-schedule.ts";
import { applySteps } from "./testing/apply-steps.ts";
import {
  aMachine,
  at,
  aUnit,
  aView,
  machineId,
  withMachine,
  withUnit,
  type UnitChanges,
} from "./testing/build-view.ts";
import { settleDown } from "./testing/settle-down.ts";

const RUNS = 200;
// A limit by the work and not by the clock: at a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 1_000 });

const NOW = at(60);
const lines = (view: ClusterView): string[] =>
  planSchedule(view, NOW).steps.map(
    (step) =>
      `${step.kind} ${step.unit} ${step.machine === null ? "-" : `m${Number(step.machine)}`}: ${step.reason.code} ${step.reason.text}`,
  );
const refusals = (view: ClusterView): string[] =>
  planSchedule(view, NOW).steps.flatMap(
    (step) => step.status?.refusals.map(({ reason }) => `${reason.code} ${reason.text}`) ?? [],
  );
const several = (count: number, options: UnitChanges["options"]) =>
  Array.from({ length: count }, (_, index) =>
    aUnit(`w@${index + 1}.service`, { incarnation: index + 1, options: options ?? {} }),
  );
const machineOf = (view: ClusterView, unit: string): MachineId | undefined =>
  view.entries.find((entry) => entry.unit === unit && entry.entry.target.kind === "launched")?.machine;

describe("reservations", () => {
  test("fleet #1217: fifty units that come at once reserve no more than there is; those that are left over are told what is free", () => {
    const machines = [aMachine(1, { memoryMiB: 2000 }), aMachine(2, { memoryMiB: 1000 })];
    const view = aView(machines, several(50, { memoryReserveMiB: 300 }));
    const after = applySteps(view, planSchedule(view, NOW).steps);
    const taken = machines.map(({ machine }) => after.entries.filter((entry) => entry.machine === machine).length);
    expect(taken).toEqual([6, 3]);
    expect([...after.statuses.values()].filter(({ phase }) => phase === "unplaced").length).toBe(41);
    expect(after.statuses.get("w@50.service" as UnitName)?.refusals.map(({ reason }) => reason)).toEqual([
      {
        code: "MEMORY_SHORT",
        text: "m1 has 200 of its 2000 MiB of memory free, and w@50.service asks for 300",
      },
      {
        code: "MEMORY_SHORT",
        text: "m2 has 100 of its 1000 MiB of memory free, and w@50.service asks for 300",
      },
    ]);
  });

  test("cores are counted as memory is, and fractions add up to the whole machine", () => {
    const view = aView([aMachine(1, { cpuCores: 1 })], several(11, { cpuReserveCores: 0.1 }));
    expect(planSchedule(view, NOW).steps.filter(({ kind }) => kind === "place").length).toBe(10);
    expect(refusals(view)).toEqual(["CPU_SHORT m1 has 0 of its 1 processor cores free, and w@11.service asks for 0.1"]);
  });

  test("a machine of unknown size has no limit, and the reason says so", () => {
    const view = aView(
      [aMachine(1)],
      [aUnit("a.service", { options: { memoryReserveMiB: 1e6, cpuReserveCores: 99 } })],
    );
    expect(lines(view)).toEqual([
      "place a.service m1: ONLY_CANDIDATE m1 is the only machine that may take it; what the machine has is not known, so nothing holds it to MemoryReserve= and CPUReserve=",
    ]);
  });

  test("what is still stopping counts until it has stopped, and is waited for", () => {
    const options = { memoryReserveMiB: 600 };
    const view = settleDown(aView([aMachine(1, { memoryMiB: 1000 })], [aUnit("a.service", { options })]), NOW);
    const stopped = withUnit(view, aUnit("a.service", { options, unit: { target: "inactive", generation: 2 } }));
    const both = withUnit(stopped, aUnit("b.service", { incarnation: 2, options }));
    const plan = planSchedule(both, NOW);
    expect(plan.steps.map(({ kind, unit }) => `${kind} ${unit}`)).toEqual(["remove a.service"]);
    expect(plan.holds.map(({ unit, reason }) => `${unit} ${reason.code}`)).toEqual(["b.service WAITS_FOR_STOP"]);
    expect(machineOf(settleDown(both, NOW), "b.service")).toBe(machineId(1));
  });

  test("a unit that asks for more than before stays where it runs", () => {
    const view = settleDown(
      aView(
        [aMachine(1, { memoryMiB: 1000 }), aMachine(2)],
        [aUnit("a.service", { options: { memoryReserveMiB: 600 } })],
      ),
      NOW,
    );
    const greedy = withUnit(view, aUnit("a.service", { options: { memoryReserveMiB: 2000 }, unit: { generation: 2 } }));
    expect(machineOf(settleDown(greedy, NOW), "a.service")).toBe(machineId(1));
  });
});

describe("disk", () => {
  test.each<[string, number | null, string]>([
    ["below 15 % takes nothing", 14, "unplaceable a.service -: NO_CANDIDATE the only machine refuses it"],
    ["from 15 % is enough", 15, "place a.service m1: ONLY_CANDIDATE m1 is the only machine that may take it"],
    [
      "that nobody knows is no limit",
      null,
      "place a.service m1: ONLY_CANDIDATE m1 is the only machine that may take it",
    ],
  ])("free disk %s", (_, diskFreePercent, line) => {
    const view = aView([aMachine(1, { diskFreePercent })], [aUnit("a.service")]);
    expect(lines(view)).toEqual([line]);
    if (diskFreePercent === 14)
      expect(refusals(view)).toEqual(["DISK_LOW m1 has 14 % of its disk free, and takes new units from 15 %"]);
  });

  test("a disk that runs full drives nothing off", () => {
    const view = settleDown(aView([aMachine(1), aMachine(2)], [aUnit("a.service")]), NOW);
    expect(lines(withMachine(view, aMachine(1, { diskFreePercent: 1 })))).toEqual([]);
  });
});

describe("spread", () => {
  const rack = (index: number, value: string | null): MachineView =>
    aMachine(index, { metadata: value === null ? {} : { rack: value } });

  test("goes to the value that has the fewest of its like, although others have fewer units", () => {
    const machines = [rack(1, "a"), rack(2, "a"), rack(3, "b")];
    const others = ["x.service", "y.service", "z.service"].map((name, index) =>
      aUnit(name, { incarnation: index + 1, options: { machineMetadata: [{ key: "rack", values: ["b"] }] } }),
    );
    const busy = settleDown(aView(machines, others), NOW);
    const view = several(3, { spread: "rack" }).reduce(
      (current, unit, index) =>
        withUnit(current, { ...unit, incarnation: String(10 + index) as typeof unit.incarnation }),
      busy,
    );
    expect(lines(view)).toEqual([
      "place w@1.service m1: SPREAD_EVENLY rack=a has the fewest of its like (0), and m1 the fewest units there (0)",
      "place w@2.service m3: SPREAD_EVENLY rack=b has the fewest of its like (0), and m3 the fewest units there (3)",
      "place w@3.service m2: SPREAD_EVENLY rack=a has the fewest of its like (1), and m2 the fewest units there (0)",
    ]);
  });

  test("machines without the key count as one value together", () => {
    const view = aView([rack(1, null), rack(2, null), rack(3, "b")], several(4, { spread: "rack" }));
    const plan = planSchedule(view, NOW).steps;
    expect(plan.map(({ machine }) => Number(machine))).toEqual([1, 3, 2, 3]);
    expect(plan[0]?.reason.text).toMatch(/^no rack has the fewest of its like/);
  });

  test("property: whatever else runs, instances with Spread= lie evenly over the values", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b", "c", null), { minLength: 1, maxLength: 8 }),
        fc.nat({ max: 12 }),
        fc.nat({ max: 20 }),
        (values, others, count) => {
          const machines = values.map((value, index) => rack(index + 1, value));
          const rest = Array.from({ length: others }, (_, index) => aUnit(`o${index}.service`));
          const busy = settleDown(aView(machines, rest), NOW);
          const view = several(count, { spread: "rack" }).reduce(withUnit, busy);
          const counts = new Map(values.map((value) => [value ?? "", 0]));
          for (const entry of settleDown(view, NOW).entries) {
            const value = view.machines.get(entry.machine)?.metadata["rack"] ?? "";
            if (entry.unit.startsWith("w@")) counts.set(value, (counts.get(value) ?? 0) + 1);
          }
          expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe("stickiness", () => {
  test("a unit that is started again goes where it was, of machines with equally few units", () => {
    const pinned = aUnit("p.service", { options: { machineId: machineId(1) } });
    const first = settleDown(aView([aMachine(1), aMachine(2)], [pinned, aUnit("a.service", { incarnation: 2 })]), NOW);
    expect(machineOf(first, "a.service")).toBe(machineId(2));
    const aside = aUnit("a.service", { incarnation: 2, unit: { target: "inactive", generation: 2 } });
    const gone = aUnit("p.service", { options: pinned.options, unit: { target: "inactive", generation: 2 } });
    const stopped = settleDown(withUnit(withUnit(first, aside), gone), NOW);
    expect(lines(withUnit(stopped, aUnit("a.service", { incarnation: 2, unit: { generation: 3 } })))).toEqual([
      "place a.service m2: WAS_HERE m2 had it before, and no machine has fewer units (0) and may take it",
    ]);
  });

  test("an even spread counts more than having been there", () => {
    const rack = (index: number, value: string) => aMachine(index, { metadata: { rack: value } });
    const [first, second] = several(2, { spread: "rack" });
    const calm = settleDown(
      [first, second].flatMap((unit) => unit ?? []).reduce(withUnit, aView([rack(1, "a"), rack(2, "a")])),
      NOW,
    );
    const stopped = settleDown(
      withUnit(
        calm,
        aUnit("w@2.service", {
          incarnation: 2,
          options: { spread: "rack" },
          unit: { target: "inactive", generation: 2 },
        }),
      ),
      NOW,
    );
    const grown = withMachine(stopped, rack(3, "b"));
    const again = aUnit("w@2.service", { incarnation: 2, options: { spread: "rack" }, unit: { generation: 3 } });
    expect(lines(withUnit(grown, again))).toEqual([
      "place w@2.service m3: SPREAD_EVENLY rack=b has the fewest of its like (0), and m3 the fewest units there (0)",
    ]);
  });

  test("fewer units elsewhere count more than having been there", () => {
    const first = settleDown(aView([aMachine(1)], [aUnit("a.service")]), NOW);
    const stopped = settleDown(
      withUnit(first, aUnit("a.service", { unit: { target: "inactive", generation: 2 } })),
      NOW,
    );
    const busy = settleDown(withUnit(stopped, aUnit("b.service", { incarnation: 2 })), NOW);
    const grown = withMachine(busy, aMachine(2));
    expect(lines(withUnit(grown, aUnit("a.service", { unit: { generation: 3 } })))).toEqual([
      "place a.service m2: LEAST_LOADED m2 has the fewest units (0) of those that may take it",
    ]);
  });
});

describe("Conflicts= with the name of the machine that is judged", () => {
  const units = (pattern: string, marked: string, global = false): [UnitView, UnitView] => [
    aUnit(marked, { options: { machineId: machineId(1) } }),
    aUnit("w.service", { incarnation: 2, options: { conflicts: [pattern], global } }),
  ];
  const cluster = () => [aMachine(1), aMachine(2)];

  test.each([
    ["x@%H.service", "x@m1.service"],
    ["x@%m.service", `x@${machineId(1)}.service`],
    ["*@%H.service", "x@m1.service"],
    ["%H*", "m1.service"],
  ])("%j keeps a unit off the machine that %j is on and named after", (pattern, marked) => {
    const view = settleDown(aView(cluster(), units(pattern, marked)), NOW);
    expect(machineOf(view, "w.service")).toBe(machineId(2));
  });

  test.each([
    ["x@%H.service", "x@m2.service"],
    ["x@%%H.service", "x@m1.service"],
  ])("%j says nothing about %j there", (pattern, marked) => {
    const late = withMachine(settleDown(aView([aMachine(1)], units(pattern, marked)), NOW), aMachine(2));
    expect(machineOf(late, "w.service")).toBe(machineId(1));
    expect(lines(late)).toEqual([]);
  });

  test("a Global unit leaves out the machine that is named", () => {
    const [marker, everywhere] = units("x@%H.service", "x@m1.service", true);
    const view = settleDown(withUnit(settleDown(aView(cluster(), [marker]), NOW), everywhere), NOW);
    expect(view.entries.map(({ unit, machine }) => `${unit} m${Number(machine)}`)).toEqual([
      "x@m1.service m1",
      "w.service m2",
    ]);
  });

  test("the refusal names the unit that is there", () => {
    const [marker, w] = units("x@%H.service", "x@m1.service");
    const marked = settleDown(aView([aMachine(1)], [marker]), NOW);
    expect(refusals(withUnit(marked, w))).toEqual([
      "CONFLICTS_WITH x@m1.service is on m1, and Conflicts= keeps them apart",
    ]);
  });
});

describe("beside an old copy whose replacement", () => {
  const late = aUnit("late.service", { incarnation: 2, options: { machineId: machineId(1) } });
  const w = aUnit("w.service", { options: { conflicts: ["late.service"] } });
  const silent = { kind: "silent", since: at(1), graceOver: true, declaredLost: false } as const;
  const first = settleDown(aView([aMachine(1), aMachine(2)], [w]), NOW);
  const lost = settleDown(withMachine(first, aMachine(1, { presence: silent })), NOW);
  const back = withUnit(withMachine(lost, aMachine(1)), late);
  const replaced = (looks: Partial<UnitState>): ClusterView => ({
    ...back,
    states: back.states.map((one) =>
      one.machine === machineId(2) ? { ...one, state: { ...one.state, ...looks } } : one,
    ),
  });
  const waits =
    "CONFLICTS_WITH w.service runs on m1 until its replacement elsewhere is mended, and Conflicts= keeps them apart";

  test.each<[string, Partial<UnitState>]>([
    ["has failed", { active: "failed" }],
    ["fails its check", { health: "failing" }],
    ["is started again and again", { active: "activating", sub: "auto-restart", restarts: 3 }],
  ])("%s a unit is told what it waits for, once", (_, looks) => {
    const view = replaced(looks);
    expect(refusals(view)).toContain(waits);
    const told = applySteps(view, planSchedule(view, NOW).steps);
    expect(planSchedule(told, NOW).steps).toEqual([]);
    // Between two answers of its check, or two starts, nothing is written either.
    const between = { ...told, states: replaced({ health: "unknown" }).states };
    expect(planSchedule(between, NOW).steps).toEqual([]);
  });

  test.each<[string, Partial<UnitState>]>([
    ["is only starting", { active: "activating", sub: "start" }],
    ["has not answered its check yet", { health: "unknown" }],
  ])("%s a unit waits without a word in its status", (_, looks) => {
    expect(lines(replaced(looks))).toEqual([]);
    expect(planSchedule(replaced(looks), NOW).holds).toMatchObject([
      { unit: "late.service", reason: { code: "WAITS_FOR_STOP" } },
    ]);
  });
});
