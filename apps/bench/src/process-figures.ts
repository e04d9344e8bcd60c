import { readFile } from "node:fs/promises";

/** What a process has used so far. */
export type ProcessFigures = {
  /** Of all its threads, user and system. */
  readonly cpuMs: number;
  readonly rssMiB: number;
  /** The part of it that no file stands behind. */
  readonly anonymousMiB: number;
};

/** Linux counts processor time in hundredths of a second for whoever reads /proc. @see proc(5) "/proc/pid/stat" */
const TICK_MS = 10;

/** Linux only. @throws {Error} ENOENT when there is no such process */
export async function readProcessFigures(pid: number): Promise<ProcessFigures> {
  const [stat, rollup] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/smaps_rollup`, "utf8"),
  ]);
  // The name, which stands in brackets before the numbers, may hold blanks and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1]) / 1024;
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    rssMiB: mebibytes("Rss"),
    anonymousMiB: mebibytes("Anonymous"),
  };
}
