import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "./run-process.ts";

/** A lab started as a person starts it. */
export type StartedLab = AsyncDisposable & {
  readonly home: string;
  readonly port: number;
  readonly npm: ChildProcess;
  readonly readyAfterMs: number;
  /** All that it printed so far. */
  readonly output: () => string;
  /** SIGTERM to npm; resolves with its exit code. */
  stop(): Promise<number | null>;
};

/** The home that `npm test` was called with; only its caches are used. */
export const callersHome = () => process.env["QUARTERDECK_HOME"] || join(homedir(), ".local/share/quarterdeck");

/** A home of its own that shares the caches (base image, etcd, toolchain) of the caller's. */
export function makeTestHome(name: string): string {
  const home = join(callersHome(), "tests", name);
  mkdirSync(home, { recursive: true });
  for (const shared of ["cache", "toolchain"]) {
    mkdirSync(join(callersHome(), shared), { recursive: true });
    try {
      symlinkSync(join(callersHome(), shared), join(home, shared));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return home;
}

/** `npm start` in a home of its own, until it says Ready; on a free port unless one is given. */
export async function npmStart(
  home: string,
  environment: NodeJS.ProcessEnv = {},
  givenPort?: number,
): Promise<StartedLab> {
  const port = givenPort ?? (await freePort());
  const started = performance.now();
  const npm = spawn("npm", ["start", "--silent"], {
    cwd: ROOT,
    env: { ...withoutNodePath(), QUARTERDECK_HOME: home, QUARTERDECK_PORT: String(port), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<number | null>();
  for (const stream of [npm.stdout, npm.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (/^Ready: /m.test(output)) resolve();
    });
  npm.on("error", reject);
  npm.on("close", (code) => {
    end(code);
    reject(new Error(`npm start ended with ${code} before it was ready:\n${output}`));
  });
  await ready;
  const stop = () => {
    npm.kill("SIGTERM");
    return ended;
  };
  return {
    home,
    port,
    npm,
    readyAfterMs: performance.now() - started,
    output: () => output,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** As a user's shell has it: Node 26 is not on PATH, the bootstrap has to find it. */
function withoutNodePath(): NodeJS.ProcessEnv {
  const path = (process.env["PATH"] ?? "")
    .split(":")
    .filter((entry) => entry !== dirname(process.execPath) && !entry.includes("node_modules"));
  return { ...process.env, PATH: path.join(":") };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<number>();
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    resolve(typeof address === "object" && address !== null ? address.port : 0);
  });
  const port = await promise;
  server.close();
  return port;
}
