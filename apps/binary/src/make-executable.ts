import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { CodedError } from "@quarterdeck/model";
import type { Bundle } from "./bundle.ts";

const run = promisify(execFile);
const require = createRequire(import.meta.url);

export const ARCHITECTURES = ["x64", "arm64"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

export type ExecutableOptions = { readonly arch: Architecture; readonly code: Bundle; readonly output: string };

/** What else than the code goes into the executable; part of the cache's key. */
export const EXECUTABLE_SETTINGS = {
  mainFormat: "module",
  disableExperimentalSEAWarning: true,
  // The roles are no part of it, and what is left is read faster than its cache.
  useCodeCache: false,
  useSnapshot: false,
  // A burst of work must not leave a daemon with a young generation of 100 MB: its unit has a memory limit. Calls of V8's own functions are as fast
  // as its benchmarks can tell without a copy of them in each process, which is two megabytes.
  execArgv: ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=4", "--no-short-builtin-calls"],
  // A unit says by --node-options= what its role needs otherwise. The environment must not reach into a daemon that runs as root.
  execArgvExtension: "cli",
} as const;

/** The version of Node that the executable carries, from the npm package of that architecture. */
export function nodeVersion(arch: Architecture): string {
  return (require(`node-linux-${arch}/package.json`) as { readonly version: string }).version;
}

/**
 * Puts the code into a copy of Node for Linux, from any host.
 * @throws {CodedError} SETUP_FAILED when this Node is not the version that the executable carries.
 * @see https://nodejs.org/api/single-executable-applications.html
 */
export async function makeExecutable({ arch, code, output }: ExecutableOptions, signal: AbortSignal): Promise<void> {
  const carried = nodeVersion(arch);
  if (process.versions.node !== carried) {
    throw new CodedError("SETUP_FAILED", {
      message: `building needs Node ${carried}, this is ${process.versions.node}`,
      try: "npm run build",
    });
  }
  const dir = await mkdtemp(join(tmpdir(), "quarterdeck-build-"));
  try {
    const main = join(dir, "quarterdeck.mjs");
    const config = join(dir, "sea.json");
    await writeFile(main, code.main);
    const assets: Record<string, string> = {};
    for (const [name, role] of Object.entries(code.roles)) {
      assets[name] = join(dir, name);
      await writeFile(join(dir, name), role);
    }
    const executable = join(dirname(require.resolve(`node-linux-${arch}/package.json`)), "bin/node");
    await writeFile(config, JSON.stringify({ ...EXECUTABLE_SETTINGS, main, assets, executable, output }));
    await run(process.execPath, ["--build-sea", config], { signal });
  } catch (error) {
    if (signal.aborted || error instanceof CodedError) throw error;
    throw new CodedError(
      "SETUP_FAILED",
      { message: `node --build-sea failed: ${error instanceof Error ? error.message : String(error)}` },
      { cause: error },
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
