import { measurePlan } from "./plan-bench.ts";
import type { Report } from "./report.ts";

const SIZES = [
  { machines: 10, units: 100 },
  { machines: 30, units: 300 },
  { machines: 100, units: 1000 },
];

/** Times the planner at growing sizes in one run; ratios to the first, for absolute times depend on the machine. */
export function benchPlanner(): Report {
  const rows = SIZES.map((size) => measurePlan(size, 5));
  const [base = { placeAllMs: Number.NaN, stableMs: Number.NaN, units: 1 }] = rows;
  const withRatios = rows.map((row) => ({
    ...row,
    placeAllRatio: row.placeAllMs / row.units / (base.placeAllMs / base.units),
    stableRatio: row.stableMs / row.units / (base.stableMs / base.units),
  }));
  const figure = (ms: number, ratio: number): string => `${ms.toFixed(1).padStart(8)} ms (x${ratio.toFixed(2)})`;
  const lines = withRatios.map(
    (row) =>
      `${String(row.machines).padStart(8)}${String(row.units).padStart(7)}` +
      `   ${figure(row.placeAllMs, row.placeAllRatio)}   ${figure(row.stableMs, row.stableRatio)}`,
  );
  return {
    text: [
      "planSchedule, median of 5 runs; in brackets time per unit against the first row",
      "machines  units           place all                 stable",
      ...lines,
      "",
    ].join("\n"),
    json: withRatios,
  };
}
