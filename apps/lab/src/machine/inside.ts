import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { runCommand, type CommandResult } from "../run-command.ts";
import { timeUp } from "../time-up.ts";
import { killProcess } from "./cgroup.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin";

function enter(leader: number, argv: readonly string[]): readonly string[] {
  return ["nsenter", "-t", String(leader), "-a", "--", ...argv];
}

/** Moves itself into a control group, if it is there, and becomes the command. */
const ENTER_GROUP = 'mkdir -p "$1" && echo $$ > "$1/cgroup.procs"; shift; exec "$@"';

/** Runs a command in a machine and collects what it says. The time limit is not optional: in a frozen machine it would hang for ever. */
export function runInside(
  leader: number,
  argv: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CommandResult> {
  return runCommand(enter(leader, argv), { timeoutMs, env: { PATH, LANG: "C.UTF-8" } }, signal);
}

export type AttachOptions = {
  /** The machine's init. */
  readonly leader: number;
  readonly argv: readonly string[];
  /** null: as long as it takes. */
  readonly timeoutMs: number | null;
  /** Added to a login's usual environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** A group below the machine's own, so that the command freezes and dies with the machine. */
  readonly cgroup: string;
};

/** Runs a command in a machine with this process's own stdin, stdout and stderr. @returns its exit code, 124 when the time was up */
export async function attachInside({ leader, argv, timeoutMs, environment, cgroup }: AttachOptions): Promise<number> {
  const env = {
    PATH,
    LANG: "C.UTF-8",
    TERM: process.env["TERM"] ?? "dumb",
    HOME: "/root",
    USER: "root",
    ...environment,
  };
  const args = ["-c", ENTER_GROUP, "sh", cgroup, ...enter(leader, argv)];
  const child = spawn("sh", args, { stdio: "inherit", env });
  let late = false;
  const timer =
    timeoutMs === null
      ? undefined
      : setTimeout(() => {
          late = true;
          process.stderr.write(timeUp(argv, timeoutMs));
          if (child.pid !== undefined) void killTree(child.pid);
        }, timeoutMs);
  const code = await new Promise<number>((done) => {
    child.once("error", () => done(127));
    child.once("close", (exit, signal) => done(exit ?? (signal === null ? 1 : 128)));
  });
  clearTimeout(timer);
  return late ? 124 : code;
}

/** nsenter has to fork to enter a pid namespace, so the command is its child: both must go. */
async function killTree(pid: number): Promise<void> {
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await readFile(`/proc/${entry}/status`, "utf8").catch(() => "");
    if (Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]) === pid) await killTree(Number(entry));
  }
  killProcess(pid);
}
