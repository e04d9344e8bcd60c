import { planSchedule } from "@quarterdeck/planner";
import { aMachine, at, aUnit, aView, settleDown } from "@quarterdeck/planner/testing";

/** A cluster size; every unit conflicts with its like, as replicas of a service do. */
export type Size = { readonly machines: number; readonly units: number };

export type Measured = Size & {
  /** Steps of the first pass: one placement a unit. */
  readonly placed: number;
  /** Medians over the runs, in milliseconds. */
  readonly placeAllMs: number;
  readonly stableMs: number;
};

/** Plans a whole cluster from nothing, then the pass that finds nothing to do; `runs` of each after one that does not count. */
export function measurePlan(size: Size, runs: number): Measured {
  const machines = Array.from({ length: size.machines }, (_, index) => aMachine(index + 1));
  const units = Array.from({ length: size.units }, (_, index) =>
    aUnit(`unit-${String(index).padStart(5, "0")}.service`),
  );
  const empty = aView(machines, units);
  const first = planSchedule(empty, at(0));
  const settled = settleDown(empty, at(0));
  return {
    ...size,
    placed: first.steps.length,
    placeAllMs: median(() => planSchedule(empty, at(0)), runs),
    stableMs: median(() => planSchedule(settled, at(60)), runs),
  };
}

function median(body: () => unknown, runs: number): number {
  body();
  const times = Array.from({ length: runs }, () => {
    const started = performance.now();
    body();
    return performance.now() - started;
  }).toSorted((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}
