import { spawn } from "node:child_process";
import { join } from "node:path";
import { timeUp } from "../time-up.ts";
import { MARK } from "./marked-processes.ts";

export type PlainShellOptions = {
  /** The machine's folder. */
  readonly root: string;
  readonly argv: readonly string[];
  /** null: as long as it takes. */
  readonly timeoutMs: number | null;
  readonly environment: Readonly<Record<string, string>>;
};

/** Whether a machine is made of plain processes, as its address says. */
export function isPlain({ ip }: { readonly ip: string }): boolean {
  return ip.startsWith("127.");
}

/** Runs a command as a process of the machine, with this process's own input and output. @returns its exit code, 124 when the time was up */
export async function plainShell({ root, argv, timeoutMs, environment }: PlainShellOptions): Promise<number> {
  const [program = "", ...args] = argv;
  const env = {
    ...process.env,
    ...environment,
    PATH: `${join(root, "opt/bin")}:${process.env["PATH"] ?? ""}`,
    [MARK]: root,
    QUARTERDECK_CONFIG: join(root, "etc/quarterdeck/quarterdeck.toml"),
    QUARTERDECK_PKI_DIR: join(root, "etc/quarterdeck/pki"),
  };
  // Only where nobody sits at a terminal: a group of its own would lose the terminal.
  const detached = timeoutMs !== null && !process.stdin.isTTY;
  const child = spawn(program, args, { cwd: root, env, stdio: "inherit", detached });
  let late = false;
  const timer =
    timeoutMs === null
      ? undefined
      : setTimeout(() => {
          late = true;
          process.stderr.write(timeUp(argv, timeoutMs));
          if (child.pid !== undefined) process.kill(detached ? -child.pid : child.pid, "SIGKILL");
        }, timeoutMs);
  const code = await new Promise<number>((done) => {
    child.once("error", (error) => {
      process.stderr.write(`${program}: ${error.message}\n`);
      done(127);
    });
    child.once("close", (exit, signal) => done(exit ?? (signal === null ? 1 : 128)));
  });
  clearTimeout(timer);
  return late ? 124 : code;
}
