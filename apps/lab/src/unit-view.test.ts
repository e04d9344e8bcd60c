import type { Entry } from "@quarterdeck/etcd";
import type { Presence, Unit, UnitState, UnitStatus } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { viewUnits } from "./unit-view.ts";

const entry = <Value>(names: readonly string[], value: Partial<Value>): Entry<Value> => ({
  path: names.join("/"),
  names,
  value: value as Value,
  createRevision: 1n,
  modRevision: 1n,
});
const unit = (name: string, environment = {}): Entry<Unit> => entry<Unit>([name], { target: "launched", environment });
const state = (machine: string, name: string): Entry<UnitState> =>
  entry<UnitState>([machine, name], { active: "active", sub: "running", health: "passing" });
const presence = (machine: string): Entry<Presence> => entry<Presence>([machine], {});
const placed = (name: string, machine: string): Entry<UnitStatus> =>
  entry<UnitStatus>([name], { machine: machine as UnitStatus["machine"] });

test("a unit shows what runs, with its image", () => {
  const rows = viewUnits({
    units: [unit("web@1.service", { IMAGE: "web:1" })],
    statuses: [],
    states: [state("a", "web@1.service")],
    presences: [presence("a")],
  });
  expect(rows).toEqual([
    {
      unit: "web@1.service",
      machine: "a",
      active: "active",
      sub: "running",
      health: "passing",
      image: "web:1",
      target: "launched",
    },
  ]);
});

test("a unit on several machines has a row for each; one on none has one", () => {
  const rows = viewUnits({
    units: [unit("g.service"), unit("x.service")],
    statuses: [],
    states: [state("a", "g.service"), state("b", "g.service")],
    presences: [presence("a"), presence("b")],
  });
  expect(rows.map(({ unit: name, machine }) => [name, machine])).toEqual([
    ["g.service", "a"],
    ["g.service", "b"],
    ["x.service", null],
  ]);
});

test("what a machine last said is not shown once it is gone", () => {
  const rows = viewUnits({
    units: [unit("x.service")],
    statuses: [placed("x.service", "a")],
    states: [state("a", "x.service")],
    presences: [],
  });
  expect(rows).toMatchObject([{ machine: "a", active: "inactive" }]);
});

test("a template is no unit that could run", () => {
  expect(viewUnits({ units: [unit("web@.service")], statuses: [], states: [], presences: [] })).toEqual([]);
});
