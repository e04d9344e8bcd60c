import { setTimeout as delay } from "node:timers/promises";
import { ranges } from "@quarterdeck/etcd";
import type { UnitName } from "@quarterdeck/model";
import { openClusterLog } from "./cluster-log.ts";
import type { LabScene } from "./measure-start.ts";

const SIZES = [100, 500] as const;
const IDLE_MS = 60_000;
/** Until what the start left behind has come to rest, and the agent has given its memory back, which it does once a minute at most. */
const REST_MS = 75_000;
/** Units of one request. */
const AT_ONCE = 100;
/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

export type IdleFigures = {
  readonly units: number;
  readonly seconds: number;
  /** How far etcd's revision went; whatever wrote is in `writes`. */
  readonly revisions: number;
  readonly writes: Readonly<Record<string, number>>;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly rssMiB: number;
  readonly anonymousMiB: number;
};

/** One machine's agent with so many units that do nothing. */
export async function measureIdle(
  { lab, cluster, say }: LabScene,
  signal: AbortSignal,
): Promise<readonly IdleFigures[]> {
  const [target] = await lab.machines();
  if (target === undefined) throw new Error("the lab has no machine");
  const text = `[Service]\nExecStart=/bin/sleep infinity\n\n[X-Fleet]\nMachineID=${target.machine}\n`;
  const found: IdleFigures[] = [];
  let running = 0;
  for (const units of SIZES) {
    await using log = await openClusterLog(cluster.client, signal);
    say(`starting ${units} units on ${target.name}`);
    for (; running < units; running += AT_ONCE) {
      const names = Array.from({ length: AT_ONCE }, (_, index) => `bench-idle-${running + index}.service` as UnitName);
      const files = names.map((name) => ({ name, text }));
      await cluster.ask({ verb: "start", units: names, files, replace: false }, signal);
      await log.allActive(names);
    }
    await delay(REST_MS, undefined, { signal });
    say(`watching it do nothing for ${IDLE_MS / 1000} s`);
    const writesBefore = new Map(log.writes);
    const before = await look();
    await delay(IDLE_MS, undefined, { signal });
    const after = await look();
    const writes = [...log.writes].flatMap(([kind, count]) => {
      const more = count - (writesBefore.get(kind) ?? 0);
      return more === 0 ? [] : [[kind, more] as const];
    });
    found.push({
      units,
      seconds: (after.at - before.at) / 1000,
      revisions: Number(after.revision - before.revision),
      writes: Object.fromEntries(writes),
      cpuPercent: ((after.cpuMs - before.cpuMs) / (after.at - before.at)) * 100,
      rssMiB: after.rssMiB,
      anonymousMiB: after.anonymousMiB,
    });
  }
  return found;

  async function look() {
    const machine = target?.name ?? "";
    const asked = await lab.inside(
      machine,
      "systemctl",
      "show",
      "-p",
      "MainPID",
      "--value",
      "quarterdeck-agent.service",
    );
    const pid = asked.stdout.trim();
    const [stat, rollup] = [
      await lab.inside(machine, "cat", `/proc/${pid}/stat`),
      await lab.inside(machine, "cat", `/proc/${pid}/smaps_rollup`),
    ];
    // The name, which stands in brackets before the numbers, may hold blanks and brackets itself.
    const fields = stat.stdout.slice(stat.stdout.lastIndexOf(")") + 2).split(" ");
    const mebibytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup.stdout)?.[1]) / 1024;
    const { revision } = await cluster.client.list(ranges.machines, signal);
    return {
      at: performance.now(),
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
      rssMiB: mebibytes("Rss"),
      anonymousMiB: mebibytes("Anonymous"),
      revision,
    };
  }
}
