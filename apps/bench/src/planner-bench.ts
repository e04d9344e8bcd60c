import { measurePlan, measureRebalance, type Size } from "./plan-bench.ts";
import type { Report } from "./report.ts";

const SIZES: readonly Size[] = (["plain", "picky"] as const).flatMap((mix) => [
  { machines: 10, units: 500, mix },
  { machines: 100, units: 5_000, mix },
  { machines: 1_000, units: 5_000, mix },
  { machines: 1_000, units: 20_000, mix },
]);

/** How many of the machines have all units before a rebalance. */
const REBALANCES = (["plain", "picky"] as const).flatMap((mix) => [
  { machines: 100, units: 2_000, mix, early: 50 },
  { machines: 100, units: 2_000, mix, early: 10 },
  { machines: 1_000, units: 5_000, mix, early: 500 },
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
      `   ${figure(row.stableMs, row.stableRatio)}${row.nextMs.toFixed(2).padStart(10)} ms`,
  );
  const rebalances = REBALANCES.map(({ early, ...size }) => ({ early, ...measureRebalance(size, early, 5) }));
  return {
    text: [
      "planSchedule, median of 9 runs, processor time; in brackets time per unit against the first row of the mix",
      "units  machines  units           place all     per s                 stable   one changed",
      ...lines,
      "",
      "a rebalance where the units are on some of the machines, median of 5 runs, processor time",
      "units  machines  with units  units     moves      plan",
      ...rebalances.map(
        ({ mix, machines, early, units, moves, planMs }) =>
          `${mix}  ${String(machines).padStart(8)}${String(early).padStart(12)}${String(units).padStart(7)}` +
          `${String(moves).padStart(10)}${planMs.toFixed(1).padStart(10)} ms`,
      ),
      "",
    ].join("\n"),
    json: { plans: rows, rebalances },
  };
}
