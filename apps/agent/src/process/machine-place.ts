import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MachineNames } from "./expand-word.ts";

/** A machine that is a folder: its names, and what stands for its file system. */
export type MachinePlace = MachineNames & {
  readonly root: string;
  /** Handed on to every process of a unit: what makes a program find its machine, and the lab its processes. */
  readonly environment: Readonly<Record<string, string>>;
};

const PROGRAM_PATH = "/opt/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** An absolute path as seen by a unit: the machine's own where its folder has one, else this computer's. */
export function resolvePath({ root }: MachinePlace, path: string): string {
  const own = join(root, path);
  return existsSync(own) ? own : path;
}

/** Where a program is, or `null`. A bare name is looked for where systemd looks for it. */
export function findProgram(place: MachinePlace, program: string): string | null {
  const candidates = program.startsWith("/") ? [program] : PROGRAM_PATH.split(":").map((dir) => join(dir, program));
  const found = candidates.map((path) => resolvePath(place, path)).find((path) => existsSync(path));
  return found ?? null;
}

/** What every service has in its environment before its own. @see systemd.exec(5) "ENVIRONMENT VARIABLES" */
export function baseEnvironment(place: MachinePlace): Readonly<Record<string, string>> {
  return { PATH: `${join(place.root, "opt/bin")}:${PROGRAM_PATH}`, LANG: "C.UTF-8" };
}
