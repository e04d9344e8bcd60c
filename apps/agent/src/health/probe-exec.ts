import { spawn } from "node:child_process";
import type { ProbeResult } from "./derive-health.ts";

const KEPT_OUTPUT = 200;
const PATH = "/opt/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Runs a program with its arguments as they are, without a shell, without our environment, in a process group of its own. Exit code 0 is well; of what it
 * says the last piece is kept. When the signal aborts the whole group is killed, and it rejects.
 */
export function probeExec(
  [program, ...rest]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<ProbeResult> {
  const name = [program, ...rest].join(" ");
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(program, rest, {
      cwd: "/",
      env: { PATH, LANG: "C.UTF-8" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let said = "";
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-KEPT_OUTPUT);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    const stop = () => {
      killGroup(child.pid);
      reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
    };
    signal.addEventListener("abort", stop, { once: true });
    const answer = (ok: boolean, how: string) => {
      signal.removeEventListener("abort", stop);
      const detail = [name, how, said.trim()].filter((part) => part !== "").join(": ");
      resolve({ ok, definite: true, detail });
    };
    child.on("error", (error) => answer(false, (error as NodeJS.ErrnoException).code ?? error.message));
    child.on("close", (code, killedBy) => {
      if (code === 0) answer(true, "");
      else answer(false, code === null ? `killed by ${killedBy ?? "a signal"}` : `exit code ${code}`);
    });
  });
}

/** Kill, not ask: a check that hangs may not listen. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
