import { spawn, type ChildProcess } from "node:child_process";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { labFailed } from "./lab-failed.ts";
import { endWithUs } from "./machine/end-with-us.ts";

export type HostProcessOptions = {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Its stderr, and its stdout too unless `readyLine` is asked for, are appended to it. */
  readonly log: string;
  /** Files it writes its pid to first: in its control group it is found even when we were killed. */
  readonly cgroupEntries: readonly string[];
  /** Start counts as done once it prints this line; without one, once it runs. */
  readonly readyLine?: string;
};

/** A process on the host that belongs to the lab. Disposing asks it to end, and ends it after 2 s. */
export type HostProcess = AsyncDisposable & { readonly ended: Promise<number | null> };

const READY_MS = 30_000;
const STOP_MS = 2000;

/** Starts it; it is told to end when this process dies, however it dies. @throws {CodedError} LAB_FAILED when it ends before it is ready */
export async function startHostProcess(options: HostProcessOptions, signal: AbortSignal): Promise<HostProcess> {
  const log = await open(options.log, "a");
  const child = spawn("setpriv", endWithUs(options.cgroupEntries, options.argv), {
    stdio: ["ignore", options.readyLine === undefined ? log.fd : "pipe", log.fd],
    env: options.env,
    detached: true,
  });
  const ended = new Promise<number | null>((done) => {
    child.once("exit", (code) => done(code));
    child.once("error", () => done(127));
  });
  try {
    if (options.readyLine !== undefined) await awaitLine(child, options.readyLine, ended, signal);
  } catch (error) {
    child.kill("SIGKILL");
    throw labFailed(`${options.argv.slice(0, 3).join(" ")} did not start`, { try: `read ${options.log}` }, error);
  } finally {
    await log.close();
  }
  return { ended, [Symbol.asyncDispose]: () => stop(child, ended) };
}

async function awaitLine(
  child: ChildProcess,
  line: string,
  ended: Promise<number | null>,
  signal: AbortSignal,
): Promise<void> {
  const { stdout } = child;
  if (stdout === null) throw labFailed("its output is not read");
  const seen = new Promise<void>((done) =>
    createInterface({ input: stdout }).on("line", (text) => text.trim() === line && done()),
  );
  const late = new Promise<never>((_, fail) => {
    AbortSignal.any([signal, AbortSignal.timeout(READY_MS)]).addEventListener(
      "abort",
      () => fail(labFailed(`it did not say "${line}" within ${READY_MS / 1000} s`)),
      { once: true },
    );
  });
  await Promise.race([seen, late, ended.then((code) => Promise.reject(labFailed(`it ended with ${code}`)))]);
}

async function stop(child: ChildProcess, ended: Promise<number | null>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(timer);
}
