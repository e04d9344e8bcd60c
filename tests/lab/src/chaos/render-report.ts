import type { Deed } from "./churn.ts";
import { nameOf, type Fault } from "./fault.ts";
import type { Violation } from "./witness.ts";

/** What a run has shown. */
export type ChaosReport = {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly { readonly atMs: number; readonly fault: Fault; readonly wellAfterMs: number | null }[];
  readonly deeds: readonly Deed[];
  readonly looks: number;
  /** Milliseconds, by unit. */
  readonly longestDownMs: ReadonlyMap<string, number>;
  readonly violations: readonly Violation[];
};

/** The report as text, the violations last. */
export function renderReport(report: ChaosReport): string {
  const { seed, minutes, faults, deeds, looks, longestDownMs, violations } = report;
  const codes = new Map<number | null, number>();
  for (const { code } of deeds) codes.set(code, (codes.get(code) ?? 0) + 1);
  const ends = [...codes].toSorted(([left], [right]) => (left ?? -1) - (right ?? -1));
  return [
    `chaos: ${faults.length} faults in ${minutes} min, seed ${seed}; ${looks} looks at every machine's systemd`,
    ...faults.map(
      ({ atMs, fault, wellAfterMs }) =>
        `  ${clock(atMs)}  ${nameOf(fault)}: ${wellAfterMs === null ? "not well again" : `well again ${(wellAfterMs / 1_000).toFixed(1)} s after its end`}`,
    ),
    `deeds beside them: ${deeds.length}, by exit code ${ends.map(([code, count]) => `${code ?? "killed"}: ${count}`).join(", ")}`,
    `longest time that a unit ran nowhere: ${[...longestDownMs].map(([unit, ms]) => `${unit} ${(ms / 1_000).toFixed(1)} s`).join(", ") || "none did"}`,
    ...violations.map(({ atMs, what }) => `VIOLATION at ${clock(atMs)}: ${what}`),
    violations.length === 0 ? "nothing happened that must not" : "",
  ]
    .filter((line) => line !== "")
    .join("\n");
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
