import { spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** For its standard input, which is empty without. */
  readonly input?: Uint8Array;
  /** An open file of ours that it has as descriptor 3. */
  readonly file?: number;
};

/** Runs argv without a shell and resolves when it has ended; past `timeoutMs` (60 s) it is killed and `code` is null. */
export async function runProcess(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<Ended> {
  const [command, ...args] = argv;
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe", options.file ?? "ignore"],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 60_000);
  const { promise, resolve: done, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject);
  child.on("close", (code) => done(code));
  // A process that ends before it has read everything is judged by its exit code.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.input);
  const code = await promise;
  clearTimeout(timer);
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** `npx fleet`, without npx's own start-up. */
export const fleetArgv = (words: readonly string[]): readonly [string, ...string[]] => [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  join(ROOT, "apps/cli/src/run.ts"),
  ...words,
];

export const labArgv = (words: readonly string[]): readonly [string, ...string[]] => [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  join(ROOT, "apps/lab/src/run.ts"),
  ...words,
];
