import type { UnitName } from "@quarterdeck/model";
import { beforeEach, expect, test } from "vitest";
import { RecentStops } from "./recent-stops.ts";

const hello = "hello.service" as UnitName;
const other = "other.service" as UnitName;
let now: number;
let stops: RecentStops;

beforeEach(() => {
  now = 0;
  stops = new RecentStops(() => now);
  stops.note(hello);
});

test("for a second a unit that was stopped is still shown as launched, to everybody who looks", () => {
  now = 250;
  expect(stops.show(hello, "loaded")).toBe("launched");
  now = 999;
  expect(stops.show(hello, "loaded")).toBe("launched");
  now = 1000;
  expect(stops.show(hello, "loaded")).toBe("loaded");
});

test("a client that looks late sees it launched once", () => {
  now = 5000;
  expect(stops.show(hello, "loaded")).toBe("launched");
  expect(stops.show(hello, "loaded")).toBe("loaded");
});

test("after ten seconds nobody waits for it any more", () => {
  now = 10_001;
  expect(stops.show(hello, "loaded")).toBe("loaded");
});

test("only a stop is shown late: another unit, and another state, are what they are", () => {
  expect(stops.show(other, "loaded")).toBe("loaded");
  expect(stops.show(hello, "inactive")).toBe("inactive");
});

test("a start has to wait for the stop before it, until that is forgotten", () => {
  expect([stops.has(hello), stops.has(other)]).toEqual([true, false]);
  stops.forget(hello);
  expect(stops.has(hello)).toBe(false);
  expect(stops.show(hello, "loaded")).toBe("loaded");
});

test("stops of long ago do not pile up", () => {
  now = 10_001;
  stops.note(other);
  expect([stops.has(hello), stops.has(other)]).toEqual([false, true]);
});
