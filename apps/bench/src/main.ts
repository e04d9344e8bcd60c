import { measurePlan } from "./plan-bench.ts";

/** `node apps/bench/src/run.ts`: times the planner at growing sizes in one run and prints ratios to the first, for absolute times depend on the machine. */
export async function main(_argv: readonly string[]): Promise<number> {
  const sizes = [
    { machines: 10, units: 100 },
    { machines: 30, units: 300 },
    { machines: 100, units: 1000 },
  ];
  const rows = sizes.map((size) => measurePlan(size, 5));
  const [base] = rows;
  if (base === undefined) return 1;
  process.stdout.write("planSchedule, median of 5 runs; ratios are time per unit against the first row\n");
  for (const row of rows) {
    const ratio = (ms: number, baseMs: number) => (ms / row.units / (baseMs / base.units)).toFixed(2);
    process.stdout.write(
      `${String(row.machines).padStart(5)} machines ${String(row.units).padStart(6)} units` +
        `   place all ${row.placeAllMs.toFixed(1).padStart(8)} ms (x${ratio(row.placeAllMs, base.placeAllMs)})` +
        `   stable ${row.stableMs.toFixed(1).padStart(8)} ms (x${ratio(row.stableMs, base.stableMs)})\n`,
    );
  }
  return 0;
}
