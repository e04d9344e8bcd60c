import { measurePlan, type Size } from "./plan-bench.ts";
import type { Report } from "./report.ts";

const SIZES: readonly Size[] = (["plain", "picky"] as const).flatMap((mix) => [
  { machines: 10, units: 500, mix },
  { machines: 100, units: 5_000, mix },
  { machines: 1_000, units: 5_000, mix },
  { machines: 1_000, units: 20_000, mix },
]);

/** Times the planner at growing sizes in one run, with the ratio to the first of its mix: a step that costs more at larger sizes shows. */
export function benchPlanner(): Report {
  const rows = SIZES.map((size) => measurePlan(size, 9)).map((row, _, all) => {
    const base = all.find(({ mix }) => mix === row.mix) ?? row;
    return {
      ...row,
      placementsPerSecond: Math.round((row.placed / row.placeAllMs) * 1000),
      placeAllRatio: row.placeAllMs / row.units / (base.placeAllMs / base.units),
      stableRatio: row.stableMs / row.units / (base.stableMs / base.units),
    };
  });
  const figure = (ms: number, ratio: number): string => `${ms.toFixed(1).padStart(8)} ms (x${ratio.toFixed(2)})`;
  const lines = rows.map(
    (row) =>
      `${row.mix}  ${String(row.machines).padStart(8)}${String(row.units).padStart(7)}` +
      `   ${figure(row.placeAllMs, row.placeAllRatio)}${String(row.placementsPerSecond).padStart(10)}` +
      `   ${figure(row.stableMs, row.stableRatio)}`,
  );
  return {
    text: [
      "planSchedule, median of 9 runs, processor time; in brackets time per unit against the first row of the mix",
      "units  machines  units           place all     per s                 stable",
      ...lines,
      "",
    ].join("\n"),
    json: rows,
  };
}
