import { planRelocation, planSchedule, repeatPlan } from "@quarterdeck/planner";
import { aMachine, anOrder, at, aUnit, aView, settleDown, withMachine } from "@quarterdeck/planner/testing";

/** `plain` units have no options. `picky` ones are ten of a kind that conflict with each other; some reserve, some spread, some want metadata. */
export type Mix = "plain" | "picky";

export type Size = { readonly machines: number; readonly units: number; readonly mix: Mix };

export type Measured = Size & {
  /** Steps of the first pass: one placement a unit. */
  readonly placed: number;
  /** Steps of a pass over the settled cluster: none. */
  readonly left: number;
  /** Medians over the runs, in milliseconds of the processor: what else the machine does counts for little. */
  readonly placeAllMs: number;
  readonly stableMs: number;
  /** Of the pass after that, before which the state of one unit has changed. */
  readonly nextMs: number;
};

/** Plans a whole cluster from nothing, then the pass that finds nothing to do; `runs` of each after one that does not count. */
export function measurePlan(size: Size, runs: number): Measured {
  const machines = Array.from({ length: size.machines }, (_, index) =>
    aMachine(index + 1, {
      memoryMiB: 1e6,
      metadata: metadataOf(index),
    }),
  );
  const unitOf = size.mix === "plain" ? plainUnit : pickyUnit;
  const empty = aView(
    machines,
    Array.from({ length: size.units }, (_, index) => unitOf(index)),
  );
  const first = planSchedule(empty, at(0));
  const settled = settleDown(empty, at(0));
  const last = { view: settled, now: at(60), plan: planSchedule(settled, at(60)) };
  const states = settled.states.map((one, index) => (index === 0 ? { ...one, state: { ...one.state } } : one));
  const changed = { ...settled, states };
  return {
    ...size,
    placed: first.steps.length,
    left: last.plan.steps.length,
    placeAllMs: median(() => planSchedule(empty, at(0)), runs),
    stableMs: median(() => planSchedule(settled, at(60)), runs),
    nextMs: median(() => repeatPlan(last, changed, at(61)) ?? planSchedule(changed, at(61)), runs),
  };
}

export type MeasuredRebalance = Size & {
  /** Units that are to move. */
  readonly moves: number;
  readonly planMs: number;
};

/** Plans a rebalance where `early` machines have all units and the others have just joined. */
export function measureRebalance({ machines, units, mix }: Size, early: number, runs: number): MeasuredRebalance {
  const machineOf = (index: number) => aMachine(index + 1, { memoryMiB: 1e6, metadata: metadataOf(index) });
  const unitOf = mix === "plain" ? plainUnit : pickyUnit;
  const first = aView(
    Array.from({ length: early }, (_, index) => machineOf(index)),
    Array.from({ length: units }, (_, index) => unitOf(index)),
  );
  const joined = Array.from({ length: machines - early }, (_, index) => machineOf(early + index));
  const view = joined.reduce(withMachine, settleDown(first, at(0)));
  const plan = () => planRelocation(anOrder(null), view, at(60)).relocation.moves;
  return { machines, units, mix, moves: plan().length, planMs: median(plan, runs) };
}

const metadataOf = (index: number) => ({ role: index % 4 === 0 ? "db" : "worker", zone: `z${index % 3}` });

const plainUnit = (index: number) =>
  aUnit(`unit-${String(index).padStart(6, "0")}.service`, { incarnation: index + 1 });

function pickyUnit(index: number) {
  const kind = Math.floor(index / 10);
  return aUnit(`kind-${kind}@${index % 10}.service`, {
    incarnation: index + 1,
    options: {
      conflicts: [`kind-${kind}@*.service`],
      memoryReserveMiB: kind % 3 === 0 ? 100 : null,
      spread: kind % 5 === 0 ? "zone" : null,
      machineMetadata: kind % 4 === 0 ? [{ key: "role", values: ["worker"] }] : [],
    },
  });
}

function median(body: () => unknown, runs: number): number {
  body();
  const times = Array.from({ length: runs }, () => {
    const started = process.threadCpuUsage();
    body();
    const { user, system } = process.threadCpuUsage(started);
    return (user + system) / 1000;
  }).toSorted((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}
