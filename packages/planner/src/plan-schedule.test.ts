import type { Incarnation, UnitName } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { batchSteps } from "./batch-steps.ts";
import type { ClusterView, MachineView } from "./cluster-view.ts";
import { explainUnit } from "./explain-unit.ts";
import { planSchedule } from "./plan-schedule.ts";
import { actAsAgent } from "./testing/act-as-agent.ts";
import { applySteps } from "./testing/apply-steps.ts";
import {
  aMachine,
  at,
  aUnit,
  aView,
  machineId,
  withMachine,
  withoutUnit,
  withUnit,
  type UnitChanges,
} from "./testing/build-view.ts";
import { settleDown } from "./testing/settle-down.ts";

const NOW = at(60);
const name = (text: string): UnitName => text as UnitName;
const silent = (
  index: number,
  changes: { graceOver?: boolean; declaredLost?: boolean; since?: number; zone?: string } = {},
): MachineView =>
  aMachine(index, {
    zone: changes.zone ?? "z1",
    presence: {
      kind: "silent",
      since: at(changes.since ?? 50),
      graceOver: changes.graceOver ?? true,
      declaredLost: changes.declaredLost ?? false,
    },
  });
const lines = (view: ClusterView): string[] =>
  planSchedule(view, NOW).steps.map(
    (step) =>
      `${step.kind} ${step.unit} ${step.machine === null ? "-" : `m${Number(step.machine)}`} ${step.reason.code}`,
  );

describe("placing", () => {
  test.each<[string, MachineView[], UnitChanges["options"], string]>([
    [
      "a pinned unit goes where it is pinned",
      [aMachine(1), aMachine(2)],
      { machineId: machineId(2) },
      "place a.service m2 PINNED_BY_MACHINE_ID",
    ],
    [
      "metadata decides",
      [aMachine(1), aMachine(2, { metadata: { role: "db" } })],
      { machineMetadata: [{ key: "role", values: ["db"] }] },
      "place a.service m2 ONLY_CANDIDATE",
    ],
    [
      "all keys must match",
      [aMachine(1), aMachine(2, { metadata: { role: "worker", disk: "ssd" } })],
      {
        machineMetadata: [
          { key: "role", values: ["worker"] },
          { key: "disk", values: ["ssd", "nvme"] },
        ],
      },
      "place a.service m2 ONLY_CANDIDATE",
    ],
    [
      "a value may be the machine's own name",
      [aMachine(1, { metadata: { primary: "m2" } }), aMachine(2, { metadata: { primary: "m2" } })],
      { machineMetadata: [{ key: "primary", values: ["%H"] }] },
      "place a.service m2 ONLY_CANDIDATE",
    ],
    ["the smallest id wins a tie", [aMachine(3), aMachine(2)], {}, "place a.service m2 LEAST_LOADED"],
    [
      "a cordoned machine takes nothing",
      [aMachine(1, { cordoned: true }), aMachine(2)],
      {},
      "place a.service m2 ONLY_CANDIDATE",
    ],
    [
      "nothing fits",
      [aMachine(1)],
      { machineMetadata: [{ key: "constructor", values: ["x"] }] },
      "unplaceable a.service - NO_CANDIDATE",
    ],
    ["no machine has joined", [], {}, "unplaceable a.service - NO_MACHINES"],
    [
      "the target of MachineOf is nowhere",
      [aMachine(1)],
      { machineOf: [name("b.service")] },
      "unplaceable a.service - MACHINE_OF_UNPLACED",
    ],
  ])("%s", (_, machines, options, line) => {
    expect(lines(aView(machines, [aUnit("a.service", { options: options ?? {} })]))).toEqual([line]);
  });

  test("units tied by MachineOf go where all of them fit, although the first alone would go elsewhere", () => {
    const units = [
      aUnit("a.service"),
      aUnit("b.service", {
        incarnation: 2,
        options: { machineOf: [name("a.service")], machineMetadata: [{ key: "role", values: ["db"] }] },
      }),
    ];
    const view = aView([aMachine(1), aMachine(2, { metadata: { role: "db" } })], units);
    expect(lines(view)).toEqual(["place a.service m2 ONLY_CANDIDATE", "place b.service m2 FOLLOWS_MACHINE_OF"]);
    expect(new Set(planSchedule(view, NOW).steps.map((step) => step.group)).size).toBe(1);
  });

  test("a follower that fits nowhere does not keep its target down", () => {
    const units = [
      aUnit("a.service"),
      aUnit("b.service", {
        incarnation: 2,
        options: { machineOf: [name("a.service")], machineMetadata: [{ key: "role", values: ["none"] }] },
      }),
    ];
    expect(lines(aView([aMachine(1)], units))).toEqual([
      "place a.service m1 ONLY_CANDIDATE",
      "unplaceable b.service - NO_CANDIDATE",
    ]);
  });

  test("a ring of MachineOf is one group", () => {
    const units = [
      aUnit("a.service", { options: { machineOf: [name("b.service")] } }),
      aUnit("b.service", { options: { machineOf: [name("a.service")] } }),
    ];
    const view = settleDown(aView([aMachine(1), aMachine(2)], units), NOW);
    expect(new Set(view.entries.map((entry) => entry.machine)).size).toBe(1);
  });

  test("a loaded unit gets a loaded entry", () => {
    const plan = planSchedule(aView([aMachine(1)], [aUnit("a.service", { unit: { target: "loaded" } })]), NOW);
    expect(plan.steps).toMatchObject([
      {
        kind: "place",
        entry: { target: { kind: "loaded" } },
        expects: null,
        status: { phase: "placed", machine: machineId(1), since: NOW },
      },
    ]);
  });
});

describe("a placed unit", () => {
  const placed = (): ClusterView => settleDown(aView([aMachine(1), aMachine(2)], [aUnit("a.service")]), NOW);

  test("stays although an emptier machine joins, and on a machine that is cordoned", () => {
    expect(lines(withMachine(placed(), aMachine(0)))).toEqual([]);
    expect(lines(withMachine(placed(), aMachine(1, { cordoned: true })))).toEqual([]);
  });

  test("fleet #760: is rewritten in place when it changes, and when a new one has taken its name", () => {
    const unit = placed().units.get(name("a.service")) ?? aUnit("a.service");
    expect(lines(withUnit(placed(), { ...unit, unit: { ...unit.unit, generation: 2 } }))).toEqual([
      "update a.service m1 UNIT_CHANGED",
    ]);
    expect(lines(withUnit(placed(), { ...unit, incarnation: "77" as Incarnation }))).toEqual([
      "update a.service m1 UNIT_CHANGED",
    ]);
    expect(lines(withUnit(placed(), { ...unit, unit: { ...unit.unit, target: "loaded" } }))).toEqual([
      "update a.service m1 TARGET_CHANGED",
    ]);
  });

  test("fleet #971: whose machine is gone can still be destroyed; the machine will read it when it is back", () => {
    expect(lines(withoutUnit(withMachine(placed(), silent(1)), name("a.service")))).toEqual([
      "remove a.service m1 DESTROYED",
    ]);
  });

  test("whose machine is lost with no other to go to keeps its entry, and goes on when the machine is back", () => {
    const view = withMachine(withMachine(placed(), silent(1)), aMachine(2, { cordoned: true }));
    const plan = planSchedule(view, NOW);
    expect(plan.steps).toMatchObject([
      {
        kind: "unplaceable",
        status: { refusals: [{ reason: { code: "MACHINE_NOT_RUNNING" } }, { reason: { code: "MACHINE_CORDONED" } }] },
      },
    ]);
    expect(lines(withMachine(applySteps(view, plan.steps), aMachine(1)))).toEqual(["record a.service m1 STAYS"]);
  });

  test("that was replaced has its old copy stopped only when the new one is healthy", () => {
    const lost = withMachine(placed(), silent(1));
    const moved = applySteps(lost, planSchedule(lost, NOW).steps);
    expect(moved.entries.map(({ machine, entry }) => [Number(machine), entry.target.kind])).toEqual([
      [1, "absentAfter"],
      [2, "launched"],
    ]);
    const back = withMachine(moved, aMachine(1));
    const starting = actAsAgent(back, machineId(2), { now: NOW, behaviourOf: () => "starting" });
    expect(lines(starting)).toEqual([]);
    expect(lines(actAsAgent(back, machineId(2), { now: NOW }))).toEqual(["settle a.service m1 REPLACEMENT_HEALTHY"]);
  });

  test("that was replaced by a copy which is lost too is taken back by the machine that still has it", () => {
    const lost = withMachine(placed(), silent(1));
    const moved = applySteps(lost, planSchedule(lost, NOW).steps);
    const swapped = withMachine(withMachine(withMachine(moved, aMachine(1)), silent(2)), aMachine(0));
    const plan = planSchedule(swapped, NOW);
    expect(plan.steps).toMatchObject([
      { kind: "replaceLost", machine: machineId(1), lost: machineId(2), expects: moved.entries[0]?.modRevision },
    ]);
  });
});

test("units that replace each other in a ring do not chase each other", () => {
  const ring = ["a.service", "b.service", "c.service"].map((unit, index, all) =>
    aUnit(unit, { incarnation: index + 1, options: { replaces: [name(all[(index + 1) % 3] ?? "")] } }),
  );
  for (const size of [1, 2, 3]) {
    const machines = Array.from({ length: size }, (_, index) => aMachine(index + 1));
    expect(settleDown(aView(machines, ring), NOW).entries).toHaveLength(3);
  }
});

test("a changed status rides on the step that changes it, and is written once", () => {
  const lost = withMachine(settleDown(aView([aMachine(1), aMachine(2)], [aUnit("a.service")]), NOW), silent(1));
  const { steps } = planSchedule(lost, NOW);
  expect(steps).toMatchObject([{ kind: "replaceLost", status: { phase: "placed", machine: machineId(2) } }]);
  expect(planSchedule(applySteps(lost, steps), NOW).steps).toEqual([]);
});

describe("silence", () => {
  const spread = (): ClusterView =>
    settleDown(
      aView(
        [1, 2, 3, 4].map((index) => aMachine(index, { zone: `z${index}` })),
        [1, 2, 3, 4].map((index) => aUnit(`u${index}.service`, { incarnation: index })),
      ),
      NOW,
    );

  test("counts as a loss only after the grace, and only for a leader whose mirror is old enough", () => {
    const once = (machine: MachineView, mayActOnLosses: boolean): string[] => {
      const plan = planSchedule({ ...withMachine(spread(), machine), mayActOnLosses }, NOW);
      return [...plan.steps.map((step) => step.kind), ...plan.holds.map((hold) => hold.reason.code)];
    };
    expect(once(silent(1, { graceOver: false }), true)).toEqual(["WAITS_FOR_GRACE"]);
    expect(once(silent(1), false)).toEqual(["STALE_MIRROR"]);
    expect(once(silent(1), true)).toEqual(["replaceLost"]);
  });

  test("of two in four machines, in two zones, brakes; one of them is enough to go on when the other was lost long ago", () => {
    const two = (since: number, declaredLost: boolean): ClusterView =>
      withMachine(withMachine(spread(), silent(1, { zone: "z1" })), silent(2, { zone: "z2", since, declaredLost }));
    expect(planSchedule(two(50, false), NOW)).toMatchObject({ brake: { code: "BRAKED" }, lost: [], steps: [] });
    expect(planSchedule(two(-1000, true), NOW)).toMatchObject({ brake: null, lost: [machineId(1), machineId(2)] });
    const released: ClusterView = { ...two(50, false), brakeReleased: new Set([machineId(1), machineId(2)]) };
    expect(planSchedule(released, NOW).steps.map((step) => step.kind)).toEqual(["replaceLost", "replaceLost"]);
  });

  test("of half of the machines in one zone does not brake", () => {
    const view = withMachine(withMachine(spread(), silent(1, { zone: "z1" })), silent(2, { zone: "z1" }));
    expect(planSchedule(view, NOW).brake).toBeNull();
  });
});

test("transactions hold at most so many steps and keep groups whole", () => {
  const units = Array.from({ length: 50 }, (_, index) =>
    aUnit(`u${String(index).padStart(2, "0")}.service`, {
      incarnation: index + 1,
      options: index % 5 === 0 ? {} : { machineOf: [name(`u${String(index - (index % 5)).padStart(2, "0")}.service`)] },
    }),
  );
  const { steps } = planSchedule(aView([aMachine(1), aMachine(2)], units), NOW);
  const batches = batchSteps(steps);
  expect(batches.flat()).toHaveLength(50);
  expect(Math.max(...batches.map((batch) => batch.length))).toBe(30);
  for (const [index, batch] of batches.entries()) {
    for (const other of batches.slice(index + 1))
      expect(batch.some((step) => other.some((later) => later.group === step.group))).toBe(false);
  }
});

test("why: every copy with its entry's reason, orphans too, and each machine's answer", () => {
  const units = [aUnit("a.service", { options: { conflicts: ["b.service"] } }), aUnit("b.service", { incarnation: 2 })];
  const view = settleDown(aView([aMachine(1), aMachine(2), aMachine(3, { cordoned: true })], units), NOW);
  expect(explainUnit(view, name("a.service"))).toMatchObject({
    target: "launched",
    status: { phase: "placed", machine: machineId(1) },
    copies: [
      {
        hostname: "m1",
        present: true,
        entry: { target: { kind: "launched" }, reason: { code: "LEAST_LOADED" } },
        state: { active: "active" },
      },
    ],
    verdicts: [
      { hostname: "m1", refusal: null },
      { hostname: "m2", refusal: { code: "CONFLICTS_WITH" } },
      { hostname: "m3", refusal: { code: "MACHINE_CORDONED" } },
    ],
  });
  const orphaned = withoutUnit({ ...view, entries: [] }, name("a.service"));
  expect(explainUnit(orphaned, name("a.service"))).toMatchObject({
    target: null,
    copies: [{ hostname: "m1", entry: null, state: { active: "active" } }],
    verdicts: [],
  });
});
