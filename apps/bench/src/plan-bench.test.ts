import { expect, test } from "vitest";
import { measurePlan } from "./plan-bench.ts";

test("what is timed is the work that is claimed: every unit is placed, and a settled cluster plans nothing", () => {
  const measured = measurePlan({ machines: 3, units: 12 }, 1);
  expect(measured.placed).toBe(12);
  expect(measured.placeAllMs).toBeGreaterThan(0);
  expect(measured.stableMs).toBeGreaterThan(0);
});
