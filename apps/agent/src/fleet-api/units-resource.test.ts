import type { FleetCluster, FleetUnit } from "@quarterdeck/commands/fleet";
import type { UnitName, UnitTarget } from "@quarterdeck/model";
import { beforeEach, expect, test } from "vitest";
import { RecentStops } from "./recent-stops.ts";
import { getUnit, putUnit, type Units } from "./units-resource.ts";

const signal = new AbortController().signal;
const hello = "hello.service" as UnitName;
const unit: FleetUnit = {
  name: hello,
  options: [{ section: "Service", name: "ExecStart", value: "/bin/true" }],
  desired: "launched",
  current: "launched",
  machine: null,
  global: false,
};

let calls: string[];
let stored: FleetUnit;
let units: Units;

beforeEach(() => {
  calls = [];
  stored = unit;
  const cluster: FleetCluster = {
    units: () => Promise.resolve([stored]),
    unit: () => Promise.resolve(stored),
    states: () => Promise.resolve([]),
    machines: () => Promise.resolve([]),
    setMetadata: () => Promise.resolve(),
    create: (file, target) => Promise.resolve(void calls.push(`create ${file.name} ${target}`)),
    aim: (name, target) => Promise.resolve(void calls.push(`aim ${name} ${target}`)),
    destroy: (name) => Promise.resolve(void calls.push(`destroy ${name}`)),
    stopped: (name) => Promise.resolve(void calls.push(`stopped ${name}`)),
  };
  units = { cluster, stops: new RecentStops(() => 0) };
});

const want = (desiredState: UnitTarget) =>
  putUnit(units, { item: hello, contentTypes: ["application/json"], body: JSON.stringify({ desiredState }) }, signal);

test("a start waits for the stop before it, so that fleetctl's restart restarts", async () => {
  await want("loaded");
  await want("launched");
  expect(calls).toEqual([`aim ${hello} loaded`, `stopped ${hello}`, `aim ${hello} launched`]);
});

test("a start that follows no stop waits for nothing", async () => {
  await want("launched");
  expect(calls).toEqual([`aim ${hello} launched`]);
});

test("a stop is shown a second late, but where nothing ran", async () => {
  const shown = async () =>
    ((await getUnit(units, hello, signal)) as { body: { currentState: string } }).body.currentState;
  await want("loaded");
  stored = { ...unit, desired: "loaded", current: "loaded" };
  expect(await shown()).toBe("launched");
  await want("inactive");
  expect(await shown()).toBe("loaded");
  await want("loaded");
  expect(await shown()).toBe("loaded");
});
