import { expect, test } from "vitest";
import { measurePlan } from "./plan-bench.ts";

test.each(["plain", "picky"] as const)(
  "what is timed is the work that is claimed: every unit is placed, and a settled cluster plans nothing (%s units)",
  (mix) => {
    const measured = measurePlan({ machines: 10, units: 40, mix }, 1);
    expect(measured.placed).toBe(40);
    expect(measured.left).toBe(0);
  },
);
