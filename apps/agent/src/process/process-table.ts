import { readFile, readdir, stat } from "node:fs/promises";

/** A process that no later one with the same number can be taken for. */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: string };

/** When a process began, in ticks since boot; `null` when it is gone or only waits to be collected. @see proc(5) */
export async function startTicksOf(pid: number): Promise<string | null> {
  const fields = await statFields(pid);
  return fields === null || fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
}

export async function isAlive({ pid, startTicks }: ProcessIdentity): Promise<boolean> {
  return (await startTicksOf(pid)) === startTicks;
}

/**
 * The living processes of this user that belong together: those in the process group, and those that have `mark`, a `NAME=value`, in the
 * environment they were started with, which a program that leaves its group still has.
 */
export async function processesOf(group: number | null, mark: string): Promise<readonly number[]> {
  const own = process.getuid?.();
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    if (pid === process.pid) continue;
    try {
      if ((await stat(`/proc/${name}`)).uid !== own) continue;
      const fields = await statFields(pid);
      if (fields === null || fields[0] === "Z" || fields[0] === "X") continue;
      const grouped = group !== null && Number(fields[2]) === group;
      if (grouped || (await readFile(`/proc/${name}/environ`, "latin1")).split("\0").includes(mark)) found.push(pid);
    } catch (error) {
      // It ended while we looked, or is not ours to look at.
      if (!["ENOENT", "ESRCH", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  return found;
}

/** Sends a signal; false when the process is gone already. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** The fields of /proc/<pid>/stat from the state on, which is field 3. */
async function statFields(pid: number): Promise<readonly string[] | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return text === null ? null : text.slice(text.lastIndexOf(")") + 2).split(" ");
}
