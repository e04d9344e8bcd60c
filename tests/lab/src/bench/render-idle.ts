import type { IdleFigures } from "./measure-idle.ts";

/** Percent of a core by number of units, and MiB. */
const AIM = { cpuPercent: { 100: 0.2, 500: 1 } as Readonly<Record<number, number>>, rssMiB: 90, anonymousMiB: 36 };

/** For people, in 80 columns. */
export function renderIdle(rows: readonly IdleFigures[]): string {
  const line = (row: IdleFigures): string =>
    `${String(row.units).padStart(5)}${row.seconds.toFixed(0).padStart(9)}${String(row.revisions).padStart(8)}` +
    `${row.cpuPercent.toFixed(2).padStart(13)}${row.rssMiB.toFixed(1).padStart(10)}${row.anonymousMiB.toFixed(1).padStart(15)}`;
  const missed = rows.flatMap((row) => [
    ...(row.revisions === 0 ? [] : [`${row.units} units: etcd was written to: ${JSON.stringify(row.writes)}`]),
    ...(row.cpuPercent <= (AIM.cpuPercent[row.units] ?? 1)
      ? []
      : [`${row.units} units: more of a core than ${AIM.cpuPercent[row.units]} %`]),
    ...(row.rssMiB <= AIM.rssMiB ? [] : [`${row.units} units: more RSS than ${AIM.rssMiB} MiB`]),
    ...(row.anonymousMiB <= AIM.anonymousMiB
      ? []
      : [`${row.units} units: more anonymous memory than ${AIM.anonymousMiB} MiB`]),
  ]);
  return [
    "An agent whose units do nothing",
    "units  seconds  writes  % of a core   RSS MiB  anonymous MiB",
    ...rows.map(line),
    ...(missed.length === 0 ? ["All aims are met."] : ["Missed:", ...missed.map((each) => `  ${each}`)]),
    "",
  ].join("\n");
}
