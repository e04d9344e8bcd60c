import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UnitName } from "@quarterdeck/model";
import type { LabHandle } from "../create-lab-handle.ts";
import { openClusterLog, type ClusterLog } from "./cluster-log.ts";
import type { LabCluster } from "./open-lab-cluster.ts";
import { readSystemdTimes } from "./systemd-times.ts";

const UNIT_TEXT = "[Service]\nExecStart=/bin/sleep infinity\n";
const SINGLE_STARTS = 40;
/** Of those not counted, before the others. */
const WARM_UP = 5;
const MANY = 100;
const MANY_ROUNDS = 7;
const TERMINAL_ROUNDS = 5;
/** A request to destroy takes no more of them at once. */
const MOST_DESTROYED = 50;

/** Milliseconds from when the request was sent. */
export type StartPhases = {
  readonly decided: number;
  readonly placed: number;
  /** systemd began to start it. */
  readonly started: number;
  /** systemd called it active. */
  readonly active: number;
  readonly reported: number;
};

export type StartFigures = {
  readonly single: readonly StartPhases[];
  /** Of 100 units in one request, the last of each phase. */
  readonly many: readonly StartPhases[];
  /** Milliseconds of whole `fleet start` processes, of one unit and of 100. */
  readonly terminalSingle: readonly number[];
  readonly terminalMany: readonly number[];
};

export type LabScene = {
  readonly lab: LabHandle;
  readonly cluster: LabCluster;
  readonly say: (line: string) => void;
};

/** Starts one unit often, then 100 at once, by requests and by `fleet start`; what was started is destroyed again. */
export async function measureStart(scene: LabScene, signal: AbortSignal): Promise<StartFigures> {
  await using log = await openClusterLog(scene.cluster.client, signal);
  const bench = { ...scene, log };
  const names = (await scene.lab.machines()).map(({ name, machine }) => [machine, name] as const);
  const machines = new Map(names);
  const single: StartPhases[] = [];
  scene.say(`starting one unit, ${SINGLE_STARTS} times`);
  for (let round = -WARM_UP; round < SINGLE_STARTS; round += 1) {
    const phases = await startAndDestroy(bench, { units: unitsOf(`one-${round + WARM_UP}`, 1), machines }, signal);
    if (round >= 0) single.push(phases);
  }
  const many: StartPhases[] = [];
  scene.say(`starting ${MANY} units at once, ${MANY_ROUNDS} times`);
  for (let round = -1; round < MANY_ROUNDS; round += 1) {
    const phases = await startAndDestroy(bench, { units: unitsOf(`many-${round + 1}`, MANY), machines }, signal);
    if (round >= 0) many.push(phases);
  }
  scene.say("the same by fleet start");
  const terminalSingle = await startByTerminal(bench, unitsOf("t-one", 1), signal);
  const terminalMany = await startByTerminal(bench, unitsOf("t-many", MANY), signal);
  return { single, many, terminalSingle, terminalMany };
}

/** Of another name each round: an agent that has told much of a unit tells of it once a second. */
const unitsOf = (name: string, count: number): readonly UnitName[] =>
  Array.from({ length: count }, (_, index) => `bench-${name}-${index}.service` as UnitName);

type Bench = LabScene & { readonly log: ClusterLog };
type Start = { readonly units: readonly UnitName[]; readonly machines: ReadonlyMap<string, string> };

async function startAndDestroy(
  { lab, cluster, log }: Bench,
  { units, machines }: Start,
  signal: AbortSignal,
): Promise<StartPhases> {
  const files = units.map((name) => ({ name, text: UNIT_TEXT }));
  const sentAt = performance.timeOrigin + performance.now();
  await cluster.ask({ verb: "start", units: [...units], files, replace: false }, signal);
  const seen = await log.allActive(units);
  const byMachine = Map.groupBy(units, (unit) => seen.get(unit)?.machine ?? "");
  const systemd = await Promise.all(
    [...byMachine].map(([machine, theirs]) => readSystemdTimes(lab, machines.get(machine) ?? machine, theirs)),
  );
  const times = systemd.flatMap((each) => [...each.values()]);
  if (times.length !== units.length) throw new Error(`systemd knows ${times.length} of ${units.length} units`);
  const last = (values: readonly number[]): number => Math.max(...values) - sentAt;
  const phases = {
    decided: last([...seen.values()].map(({ decidedAt }) => decidedAt)),
    placed: last([...seen.values()].map(({ placedAt }) => placedAt)),
    started: last(times.map(({ startedAt }) => startedAt)),
    active: last(times.map(({ activeAt }) => activeAt)),
    reported: last([...seen.values()].map(({ reportedAt }) => reportedAt)),
  };
  await destroy({ cluster, log }, units, signal);
  return phases;
}

async function destroy(
  { cluster, log }: Pick<Bench, "cluster" | "log">,
  units: readonly UnitName[],
  signal: AbortSignal,
) {
  for (let first = 0; first < units.length; first += MOST_DESTROYED)
    await cluster.ask({ verb: "destroy", units: units.slice(first, first + MOST_DESTROYED) }, signal);
  await log.allGone(units);
}

async function startByTerminal(bench: Bench, units: readonly UnitName[], signal: AbortSignal): Promise<number[]> {
  const directory = await mkdtemp(join(tmpdir(), "quarterdeck-start-"));
  const took: number[] = [];
  try {
    const paths = units.map((unit) => join(directory, unit));
    for (const path of paths) await writeFile(path, UNIT_TEXT);
    for (let round = 0; round < TERMINAL_ROUNDS; round += 1) {
      const began = performance.now();
      await bench.lab.fleetOk("start", ...paths);
      took.push(performance.now() - began);
      await bench.log.allActive(units);
      await destroy(bench, units, signal);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return took;
}
