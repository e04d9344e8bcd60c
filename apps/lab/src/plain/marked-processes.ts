import { readFile, readdir, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** The variable that every process of a machine has in its environment; its value is the machine's folder. */
export const MARK = "QUARTERDECK_LAB_MACHINE";

/** A look at all of /proc costs milliseconds: soon at first, for what ends at once, then seldom. */
const LOOK_MS = { first: 20, last: 200 } as const;

/**
 * Living processes of this user that were started in a machine: its folder is `folder`, or lies in it. Found by their environment, which
 * a process hands on to those it starts, so that nothing has to be written down and a killed lab's leftovers are found as well.
 */
export async function markedProcesses(folder: string): Promise<readonly number[]> {
  const own = process.getuid?.();
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      if ((await stat(`/proc/${name}`)).uid !== own) continue;
      const variables = (await readFile(`/proc/${name}/environ`, "latin1")).split("\0");
      const mark = variables.find((variable) => variable.startsWith(`${MARK}=`))?.slice(MARK.length + 1);
      if (mark === folder || mark?.startsWith(`${folder}/`) === true) found.push(Number(name));
    } catch (error) {
      // It ended while we looked, or is not ours to look at.
      if (!["ENOENT", "ESRCH", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  return found;
}

/** Sends a signal to all of them, and to those they start meanwhile, until there is nobody new. */
export async function signalMarked(folder: string, signal: "SIGSTOP" | "SIGCONT"): Promise<void> {
  const told = new Set<number>();
  for (;;) {
    const fresh = (await markedProcesses(folder)).filter((pid) => !told.has(pid));
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      told.add(pid);
      send(pid, signal);
    }
  }
}

/** Asks all of them to end but `spared`, and kills those after `graceMs`; 0 kills at once. Resolves when only `spared` is left. */
export async function endMarked(
  folder: string,
  graceMs: number,
  spared: ReadonlySet<number> = new Set(),
): Promise<void> {
  const deadline = performance.now() + graceMs;
  const told = new Set<number>();
  for (let pauseMs: number = LOOK_MS.first; ; pauseMs = Math.min(pauseMs * 1.5, LOOK_MS.last)) {
    const left = (await markedProcesses(folder)).filter((pid) => !spared.has(pid));
    if (left.length === 0) return;
    const late = performance.now() >= deadline;
    for (const pid of left) {
      if (late) send(pid, "SIGKILL");
      else if (!told.has(pid)) {
        told.add(pid);
        send(pid, "SIGTERM");
      }
    }
    await delay(pauseMs);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
