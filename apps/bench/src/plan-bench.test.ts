import { expect, test } from "vitest";
import { measurePlan, measureRebalance } from "./plan-bench.ts";

test.each(["plain", "picky"] as const)(
  "what is timed is the work that is claimed: every unit is placed, and a settled cluster plans nothing (%s units)",
  (mix) => {
    const measured = measurePlan({ machines: 10, units: 40, mix }, 1);
    expect(measured.placed).toBe(40);
    expect(measured.left).toBe(0);
  },
);

test("what is timed of a rebalance is the move of half the units to the half of the machines that has none", () => {
  expect(measureRebalance({ machines: 4, units: 40, mix: "plain" }, 2, 1).moves).toBe(20);
});
