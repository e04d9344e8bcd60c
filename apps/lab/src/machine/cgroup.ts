import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { labFailed } from "../lab-failed.ts";
import { until } from "../until.ts";

/**
 * Where this host mounts its control groups. A machine lives in a group of its own in every one of them: nspawn makes its groups below
 * the one it is started in, so two machines started from one group would share them.
 */
export type CgroupMounts = {
  readonly unified: string;
  /** Hybrid hosts only: the v1 hierarchies that nspawn and systemd look at. */ readonly legacy: readonly string[];
};

/** Reads the mounts of this process. @returns null on a host without cgroup v2 */
export async function readCgroupMounts(): Promise<CgroupMounts | null> {
  return parseCgroupMounts(await readFile("/proc/self/mounts", "utf8"));
}

/** Finds the hierarchies in the text of /proc/mounts: pure v2 has one, a hybrid host has the v1 ones too. */
export function parseCgroupMounts(mounts: string): CgroupMounts | null {
  let unified: string | null = null;
  const legacy: string[] = [];
  for (const line of mounts.split("\n")) {
    const [, path = "", type = "", flags = ""] = line.split(" ");
    const options = flags.split(",");
    if (type === "cgroup2") unified ??= path;
    if (
      type === "cgroup" &&
      ["name=systemd", "memory", "pids"].some((wanted) => options.includes(wanted)) &&
      !legacy.includes(path)
    )
      legacy.push(path);
  }
  return unified === null ? null : { unified, legacy };
}

/** The directories of one group, the unified one first. `path` is relative: `<tag>/<machine>`. */
function cgroupDirs(mounts: CgroupMounts, path: string): readonly string[] {
  return [mounts.unified, ...mounts.legacy].map((mount) => join(mount, path));
}

/** Makes the group everywhere; limits of processes and memory are passed down where the host offers them. */
export async function createCgroup(mounts: CgroupMounts, path: string): Promise<void> {
  for (const dir of cgroupDirs(mounts, path)) await mkdir(dir, { recursive: true });
  let above = mounts.unified;
  for (const part of path.split("/")) {
    const available = await readFile(join(above, "cgroup.controllers"), "utf8").catch(() => "");
    for (const controller of ["cpu", "memory", "pids", "io"])
      // A host may keep a controller for itself (real-time processes, v1): the machine then simply has none.
      if (available.split(/\s/).includes(controller))
        await writeFile(join(above, "cgroup.subtree_control"), `+${controller}`).catch(() => undefined);
    above = join(above, part);
  }
}

/** The files that a process writes its pid to in order to move into the group. */
export function cgroupEntries(mounts: CgroupMounts, path: string): readonly string[] {
  return cgroupDirs(mounts, path).map((dir) => join(dir, "cgroup.procs"));
}

/** Ends every process in the group and below it, and removes the group everywhere; a group that is not there is fine. */
export async function removeCgroup(mounts: CgroupMounts, path: string, signal: AbortSignal): Promise<void> {
  const dir = join(mounts.unified, path);
  if (existsSync(dir)) {
    // A frozen process cannot die of cgroup.kill on every kernel.
    for (const inner of await treeOf(dir)) await writeFile(join(inner, "cgroup.freeze"), "0").catch(() => undefined);
    await killCgroup(dir);
    const emptied = await until(async () => !(await isPopulated(dir)), { everyMs: 20, forMs: 15_000 }, signal);
    if (!emptied)
      throw labFailed(`processes in the control group ${dir} do not end`, {
        try: "look at /proc of the pids in its cgroup.procs files",
      });
  }
  for (const top of cgroupDirs(mounts, path)) for (const inner of await treeOf(top)) await removeEmptied(inner, signal);
}

/** Ends every process of a unified group at once, also those it forks meanwhile. */
async function killCgroup(dir: string): Promise<void> {
  if (existsSync(join(dir, "cgroup.kill"))) return writeFile(join(dir, "cgroup.kill"), "1");
  // Kernels before 5.14: freeze the rest so that nothing forks away.
  for (const inner of await treeOf(dir)) for (const pid of await pidsIn(inner)) killProcess(pid);
}

/** Stops or lets go every process of a unified group; false when that is not done after 5 s. */
export async function setFrozen(dir: string, frozen: boolean, signal: AbortSignal): Promise<boolean> {
  await writeFile(join(dir, "cgroup.freeze"), frozen ? "1" : "0");
  const wanted = frozen ? "frozen 1" : "frozen 0";
  return until(
    async () => (await readFile(join(dir, "cgroup.events"), "utf8")).includes(wanted),
    { everyMs: 20, forMs: 5000 },
    signal,
  );
}

async function isPopulated(dir: string): Promise<boolean> {
  const events = await readFile(join(dir, "cgroup.events"), "utf8").catch(() => "populated 0");
  return events.includes("populated 1");
}

async function pidsIn(dir: string): Promise<readonly number[]> {
  const text = await readFile(join(dir, "cgroup.procs"), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
}

/** The group and all below it, deepest first. */
async function treeOf(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => treeOf(join(dir, entry.name))),
  );
  return existsSync(dir) ? [...below.flat(), dir] : [];
}

async function removeEmptied(dir: string, signal: AbortSignal): Promise<void> {
  // The kernel may hold a group a moment longer than its last process: it answers EBUSY until then.
  const gone = await until(
    async () => {
      await rmdir(dir).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EBUSY" && error.code !== "ENOENT") throw error;
      });
      return !existsSync(dir);
    },
    { everyMs: 20, forMs: 5000 },
    signal,
  );
  if (!gone) throw labFailed(`the control group ${dir} cannot be removed`);
}

/** Ends one process; one that is gone is fine. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
