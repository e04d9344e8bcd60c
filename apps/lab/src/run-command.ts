import { spawn } from "node:child_process";
import { labFailed } from "./lab-failed.ts";

/** What a finished command left behind; `code` is 124 when its time was up, 127 when it could not be started. */
export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type CommandOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Text for its standard input; none means an empty one. */
  readonly input?: string | Buffer;
  /** After this long the command and its children are killed and the code is 124. Default: no limit. */
  readonly timeoutMs?: number;
};

/** Runs a program by argument vector, never by a shell, and never throws for what the program did. Aborting kills it (code 130). */
export function runCommand(
  argv: readonly string[],
  options: CommandOptions,
  signal: AbortSignal,
): Promise<CommandResult> {
  return new Promise((done) => {
    const [program = "", ...args] = argv;
    // A group of its own: what it started dies with it, and a Ctrl-C in the terminal does not reach it before us.
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: "pipe",
      detached: true,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let forced: number | null = null;
    const force = (code: number): void => {
      forced = code;
      if (child.pid === undefined) return;
      killGroup(child.pid);
    };
    const onAbort = (): void => force(130);
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => force(124), options.timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    let failure: string | null = null;
    child.on("error", (error) => {
      failure = error.message;
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      const text = Buffer.concat(stderr).toString();
      done({
        code: forced ?? (failure === null ? (code ?? 1) : 127),
        stdout: Buffer.concat(stdout).toString(),
        stderr: failure ?? text,
      });
    });
    // A program that ends without reading its input is no failure of ours; its code says how it went.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** Like {@link runCommand}, for commands that must succeed. @throws {CodedError} LAB_FAILED with the last lines it printed */
export async function runOrFail(
  argv: readonly string[],
  options: CommandOptions,
  signal: AbortSignal,
): Promise<string> {
  const result = await runCommand(argv, options, signal);
  if (result.code === 0) return result.stdout;
  signal.throwIfAborted();
  const said = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-12).join("\n");
  throw labFailed(`${argv.slice(0, 4).join(" ")} … ended with ${result.code}`, {
    why: said === "" ? "it said nothing" : said,
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
