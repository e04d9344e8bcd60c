import { fc, test } from "@fast-check/vitest";
import {
  reason,
  type Incarnation,
  type MachineId,
  type ScheduleEntry,
  type Sha256,
  type UnitName,
} from "@quarterdeck/model";
import { expect } from "vitest";
import type { AppliedUnit } from "./applied-unit.ts";
import { planPass, type Busy, type PassInput, type ScheduledUnit } from "./plan-pass.ts";
import { NOT_THERE, type UnitProperties } from "./ports.ts";
import type { WrittenUnit } from "./unit-files.ts";

const BOOT = "this boot";
const unitName = fc.constantFrom("a.service", "b.service", "web@1.service", "web@2.service") as fc.Arbitrary<UnitName>;
const hash = fc.constantFrom("a".repeat(64), "b".repeat(64)) as fc.Arbitrary<Sha256>;
const environment = fc.constantFrom<Record<string, string>>({}, { IMAGE: "web:1" }, { IMAGE: "web:2" });
const incarnation = fc.constantFrom("5", "9") as fc.Arbitrary<Incarnation>;
const revision = fc.constantFrom("10", "11");
const release = fc.constantFrom(null, 1, 2);
const generation = fc.integer({ min: 1, max: 3 });

const entry: fc.Arbitrary<ScheduleEntry> = fc.record({
  v: fc.constant(1 as const),
  incarnation,
  generation,
  hash,
  environment,
  release,
  target: fc.constantFrom<ScheduleEntry["target"]>(
    { kind: "launched" },
    { kind: "loaded" },
    { kind: "absent" },
    { kind: "absentAfter", replacement: "f".repeat(32) as MachineId },
  ),
  reason: fc.constant(reason("REQUESTED", "a person asked")),
});
const record: fc.Arbitrary<AppliedUnit> = fc.record({
  incarnation,
  generation,
  release,
  hash,
  environment,
  target: fc.constantFrom("launched", "loaded", "absent"),
  entryRevision: fc.option(revision),
  bootId: fc.constantFrom(BOOT, "another boot"),
  acting: fc.option(fc.record({ invocationBefore: fc.constantFrom("", "1", "2") })),
  problem: fc.constant(null),
});
const observed: fc.Arbitrary<UnitProperties> = fc.record({
  load: fc.constantFrom("loaded", "not-found"),
  active: fc.constantFrom("active", "activating", "reloading", "deactivating", "inactive", "failed"),
  sub: fc.constant("any"),
  result: fc.constant("success"),
  restarts: fc.nat(3),
  invocationId: fc.constantFrom("", "1", "2"),
  mainPid: fc.nat(9),
  needReload: fc.boolean(),
  fragmentPath: fc.constantFrom("", "ours", "/lib/systemd/system/somebody-else"),
  stateChangedAtMs: fc.constant(0),
});
const file: fc.Arbitrary<WrittenUnit> = fc.record({
  text: fc.constant(""),
  hash,
  dropIn: fc.option(fc.constantFrom("web:1", "web:2")),
  link: fc.constantFrom("ours", "missing", "taken"),
});
const mapOf = <Value>(value: fc.Arbitrary<Value>) =>
  fc
    .uniqueArray(fc.tuple(unitName, value), { selector: ([unit]) => unit })
    .map((pairs) => new Map<UnitName, Value>(pairs));

const world: fc.Arbitrary<PassInput> = fc
  .record({
    entries: mapOf<ScheduledUnit>(fc.record({ entry, revision })),
    files: mapOf(file),
    observed: fc
      .tuple(observed, observed, observed, observed)
      .map(
        (each) =>
          new Map(
            (["a.service", "b.service", "web@1.service", "web@2.service"] as UnitName[]).map((unit, index) => [
              unit,
              each[index] ?? NOT_THERE,
            ]),
          ),
      ),
    applied: mapOf(record),
    busy: mapOf<Busy>(fc.constantFrom("start", "restart", "stop")),
  })
  .map((input) => ({
    ...input,
    bootId: BOOT,
    dropIns: new Map(
      [...input.entries].map(([unit, scheduled]) => [unit, scheduled.entry.environment["IMAGE"] ?? null]),
    ),
    fence: null,
    unidentified: new Map(),
    isOurPath: (path) => path === "ours",
  }));

const touching = (input: PassInput) =>
  planPass(input).acts.filter((act) => act.kind === "start" || act.kind === "restart" || act.kind === "stop");

test.prop([world])("nothing that no entry names is touched, written or stopped", (input) => {
  for (const act of touching(input)) expect(input.entries.has(act.unit)).toBe(true);
  for (const unit of planPass(input).writes) expect(input.entries.has(unit)).toBe(true);
});

test.prop([world])(
  "only an entry that says absent, or loaded in a generation not yet acted on, stops a unit",
  (input) => {
    for (const act of touching(input)) {
      if (act.kind !== "stop") continue;
      const target = input.entries.get(act.unit)?.entry.target.kind;
      expect(["absent", "loaded"]).toContain(target);
      const acted = input.applied.get(act.unit);
      const scheduled = input.entries.get(act.unit)?.entry;
      if (target === "loaded")
        expect(
          acted?.target === "loaded" &&
            acted.generation === scheduled?.generation &&
            acted.incarnation === scheduled?.incarnation,
        ).toBe(false);
    }
  },
);

test.prop([world])("a machine whose whole schedule has vanished is left exactly as it is", (input) => {
  const emptied = { ...input, entries: new Map<UnitName, ScheduledUnit>() };
  expect(touching(emptied)).toEqual([]);
  expect(planPass(emptied).writes).toEqual([]);
});

test.prop([world])("a restarted agent restarts nothing that runs as its entry says", (input) => {
  const settled: PassInput = {
    ...input,
    busy: new Map(),
    files: new Map(
      [...input.entries].map(
        ([
          unit,
          {
            entry: { hash: wanted },
          },
        ]) => [unit, { text: "", hash: wanted, dropIn: input.dropIns.get(unit) ?? null, link: "ours" }],
      ),
    ),
    applied: new Map(
      [...input.entries].map(
        ([
          unit,
          {
            entry: { incarnation: i, generation: g, release: r, hash: h, environment: e },
          },
        ]) => [
          unit,
          {
            incarnation: i,
            generation: g,
            release: r,
            hash: h,
            environment: e,
            target: "launched",
            entryRevision: null,
            bootId: BOOT,
            acting: null,
            problem: null,
          },
        ],
      ),
    ),
    observed: new Map(
      [...input.observed].map(([unit, properties]) => [
        unit,
        { ...properties, active: "active", fragmentPath: "ours" },
      ]),
    ),
  };
  for (const act of touching(settled)) expect(act.kind).toBe("stop");
});

test.prop([world])("somebody else's unit is never started, stopped or written over", (input) => {
  const plan = planPass(input);
  for (const [unit, properties] of input.observed) {
    if (!properties.fragmentPath.startsWith("/lib/")) continue;
    expect(plan.writes).not.toContain(unit);
    expect(touching(input).map((act) => act.unit)).not.toContain(unit);
  }
});

test.prop([world])("a pass plans at most one act a unit", (input) => {
  const units = planPass(input).acts.map((act) => act.unit);
  expect(new Set(units).size).toBe(units.length);
});
