import { reason, type Incarnation, type ScheduleEntry, type Sha256, type UnitName } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import type { AppliedUnit } from "./applied-unit.ts";
import { planPass, type PassInput } from "./plan-pass.ts";
import { NOT_THERE, type UnitProperties } from "./ports.ts";
import type { WrittenUnit } from "./unit-files.ts";

const UNIT = "web@1.service" as UnitName;
const HASH = "a".repeat(64) as Sha256;
const OTHER_HASH = "b".repeat(64) as Sha256;
const OURS = `/run/systemd/system/${UNIT}`;

const entry = (changes: Partial<ScheduleEntry> = {}): ScheduleEntry => ({
  v: 1,
  incarnation: "7" as Incarnation,
  generation: 1,
  hash: HASH,
  environment: {},
  release: null,
  target: { kind: "launched" },
  reason: reason("LEAST_LOADED", "m1 runs the fewest"),
  ...changes,
});

const record = (changes: Partial<AppliedUnit> = {}): AppliedUnit => ({
  incarnation: "7" as Incarnation,
  generation: 1,
  release: null,
  hash: HASH,
  environment: {},
  target: "launched",
  entryRevision: "10",
  bootId: "boot",
  acting: null,
  problem: null,
  ...changes,
});

const file = (changes: Partial<WrittenUnit> = {}): WrittenUnit => ({
  text: "",
  hash: HASH,
  dropIn: null,
  link: "ours",
  ...changes,
});

const running: UnitProperties = {
  ...NOT_THERE,
  load: "loaded",
  active: "active",
  sub: "running",
  invocationId: "1".repeat(32),
  fragmentPath: OURS,
};
const failed: UnitProperties = { ...running, active: "failed", sub: "failed", result: "exit-code" };

type World = {
  entry?: ScheduleEntry;
  revision?: string;
  file?: WrittenUnit;
  observed?: UnitProperties;
  record?: AppliedUnit;
  busy?: "start" | "restart" | "stop";
  bootId?: string;
};

function plan(world: World) {
  const map = <Value>(value: Value | undefined) => new Map<UnitName, Value>(value === undefined ? [] : [[UNIT, value]]);
  const input: PassInput = {
    bootId: world.bootId ?? "boot",
    entries: map(world.entry === undefined ? undefined : { entry: world.entry, revision: world.revision ?? "10" }),
    dropIns: map(null),
    files: map(world.file),
    observed: map(world.observed ?? NOT_THERE),
    applied: map(world.record),
    busy: map(world.busy),
    fence: null,
    unidentified: new Map(),
    isOurPath: (path) => path === OURS,
  };
  const { writes, reload, acts } = planPass(input);
  return { writes: writes.length, reload, acts: acts.map((act) => act.kind) };
}

describe("launched", () => {
  test("a new entry is written and started, without a reload", () => {
    expect(plan({ entry: entry() })).toEqual({ writes: 1, reload: false, acts: ["start"] });
  });

  test("what runs as its entry says is left alone", () => {
    expect(plan({ entry: entry(), file: file(), observed: running, record: record() })).toEqual({
      writes: 0,
      reload: false,
      acts: [],
    });
  });

  test("a rewritten entry of the same definition is acknowledged without a restart", () => {
    expect(
      plan({ entry: entry({ generation: 2 }), revision: "11", file: file(), observed: running, record: record() }).acts,
    ).toEqual(["acknowledge"]);
  });

  test("an agent that lost its record adopts what runs from the same file", () => {
    expect(plan({ entry: entry(), file: file(), observed: running })).toEqual({
      writes: 0,
      reload: false,
      acts: ["acknowledge"],
    });
  });

  test("another release of the same file and environment is taken note of, and nothing is restarted", () => {
    const world = { file: file(), observed: running, record: record() };
    expect(plan({ ...world, entry: entry({ release: 2 }), revision: "11" }).acts).toEqual(["acknowledge"]);
  });

  test("another file, environment or incarnation restarts it", () => {
    const world = { file: file(), observed: running, record: record() };
    expect(plan({ ...world, entry: entry({ hash: OTHER_HASH }) })).toEqual({
      writes: 1,
      reload: false,
      acts: ["restart"],
    });
    expect(plan({ ...world, entry: entry({ environment: { IMAGE: "web:2" } }) }).acts).toEqual(["restart"]);
    expect(plan({ ...world, entry: entry({ incarnation: "8" as Incarnation }) }).acts).toEqual(["restart"]);
  });

  test("fleet #1135: a failed unit is not started again for ever", () => {
    expect(plan({ entry: entry(), file: file(), observed: failed, record: record() }).acts).toEqual([]);
  });

  test("fleet #1091: a new generation starts a failed unit once more", () => {
    expect(
      plan({ entry: entry({ generation: 2 }), revision: "11", file: file(), observed: failed, record: record() }).acts,
    ).toEqual(["start"]);
  });

  test("after a reboot it is written and started whatever was done before", () => {
    expect(plan({ entry: entry(), record: record({ bootId: "boot before" }) })).toEqual({
      writes: 1,
      reload: false,
      acts: ["start"],
    });
  });

  test("a file that somebody changed is put right, and a loaded unit is not restarted for it", () => {
    expect(plan({ entry: entry(), file: file({ hash: OTHER_HASH }), observed: running, record: record() })).toEqual({
      writes: 1,
      reload: false,
      acts: [],
    });
  });

  test("a restart asks for a reload when systemd still holds the former file", () => {
    expect(
      plan({
        entry: entry({ environment: { IMAGE: "web:2" } }),
        file: file(),
        observed: { ...running, needReload: true },
        record: record(),
      }).reload,
    ).toBe(true);
  });

  test("an act under way is waited for", () => {
    const acting = record({ acting: { invocationBefore: "" }, entryRevision: null });
    expect(
      plan({
        entry: entry(),
        file: file(),
        observed: { ...running, active: "activating" },
        record: acting,
        busy: "start",
      }).acts,
    ).toEqual([]);
  });

  test("a changed entry takes the place of a start that hangs", () => {
    const acting = record({ acting: { invocationBefore: "" }, entryRevision: null });
    expect(
      plan({ entry: entry({ hash: OTHER_HASH }), file: file(), observed: running, record: acting, busy: "start" }).acts,
    ).toEqual(["restart"]);
  });

  test("a restart that systemd never got is made up for", () => {
    const acting = record({ acting: { invocationBefore: running.invocationId } });
    expect(plan({ entry: entry(), file: file(), observed: running, record: acting }).acts).toEqual(["restart"]);
  });

  test("a restart that systemd got before the agent died is not repeated", () => {
    const acting = record({ acting: { invocationBefore: "2".repeat(32) } });
    expect(plan({ entry: entry(), file: file(), observed: running, record: acting }).acts).toEqual(["acknowledge"]);
  });
});

describe("loaded", () => {
  const loaded = { target: { kind: "loaded" } } as const;

  test("is written and not started", () => {
    expect(plan({ entry: entry(loaded) })).toEqual({ writes: 1, reload: false, acts: ["acknowledge"] });
  });

  test("a new generation stops what runs", () => {
    expect(
      plan({ entry: entry({ ...loaded, generation: 2 }), file: file(), observed: running, record: record() }).acts,
    ).toEqual(["stop"]);
  });

  test("what a person started by hand afterwards is left alone", () => {
    expect(
      plan({ entry: entry(loaded), file: file(), observed: running, record: record({ target: "loaded" }) }).acts,
    ).toEqual([]);
  });
});

describe("absent", () => {
  const gone = { target: { kind: "absent" } } as const;

  test("what runs is stopped", () => {
    expect(
      plan({ entry: entry(gone), revision: "11", file: file(), observed: running, record: record() }).acts,
    ).toEqual(["stop"]);
  });

  test("files of what does not run go too", () => {
    expect(
      plan({ entry: entry(gone), revision: "11", file: file(), observed: NOT_THERE, record: record() }).acts,
    ).toEqual(["stop"]);
  });

  test("a start under way is stopped", () => {
    expect(
      plan({
        entry: entry(gone),
        revision: "11",
        file: file(),
        observed: { ...running, active: "activating" },
        record: record(),
        busy: "start",
      }).acts,
    ).toEqual(["stop"]);
  });

  test("nothing there is acknowledged", () => {
    expect(plan({ entry: entry(gone), revision: "11", record: record() }).acts).toEqual(["acknowledge"]);
  });

  test("once acknowledged there is nothing to do, and with the entry gone it is forgotten", () => {
    const done = record({ target: "absent", entryRevision: "11" });
    expect(plan({ entry: entry(gone), revision: "11", record: done }).acts).toEqual([]);
    expect(plan({ record: done }).acts).toEqual(["forget"]);
  });
});

test("absentAfter starts nothing and stops nothing", () => {
  const waits = { target: { kind: "absentAfter", replacement: "f".repeat(32) } } as ScheduleEntry;
  expect(
    plan({ entry: { ...entry(), ...waits }, revision: "11", file: file(), observed: running, record: record() }),
  ).toEqual({ writes: 0, reload: false, acts: ["acknowledge"] });
  expect(plan({ entry: { ...entry(), ...waits }, revision: "11" })).toEqual({
    writes: 0,
    reload: false,
    acts: ["acknowledge"],
  });
});

describe("a unit that came with the machine", () => {
  const foreign: UnitProperties = { ...running, fragmentPath: `/lib/systemd/system/${UNIT}` };

  test("is neither written nor started", () => {
    expect(plan({ entry: entry(), observed: foreign })).toEqual({ writes: 0, reload: false, acts: ["refuse"] });
  });

  test("is not stopped when the entry ends", () => {
    expect(plan({ entry: entry({ target: { kind: "absent" } }), observed: foreign }).acts).toEqual(["acknowledge"]);
  });

  test("counts as such where our link should be, too", () => {
    expect(plan({ entry: entry(), observed: running }).acts).toEqual(["refuse"]);
    expect(plan({ entry: entry(), observed: running, file: file({ link: "taken" }) }).acts).toEqual(["refuse"]);
  });
});

test("an orphan is left alone", () => {
  expect(plan({ file: file(), observed: running, record: record() })).toEqual({ writes: 0, reload: false, acts: [] });
});
