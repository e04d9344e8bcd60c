import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refuse, succeed, type Result } from "@quarterdeck/model";
import { contained } from "./contained.ts";
import { findOnPath } from "./etcd-binary/etcd-on-path.ts";
import { runCommand } from "./run-command.ts";

/** A Go that is new enough: on `path` or in its usual place; the refusal says in a few words what is wrong. */
export async function findGo(
  path: string | undefined,
  usualPlace: string,
  signal: AbortSignal,
): Promise<Result<string, string>> {
  const go = findOnPath("go", path) ?? (existsSync(usualPlace) ? usualPlace : null);
  if (go === null) return refuse("no Go on PATH or in /usr/local/go");
  const version = parseGoVersion((await runCommand([go, "version"], { timeoutMs: 10_000 }, signal)).stdout);
  if (version === null || version[0] !== 1 || version[1] < 25)
    return refuse(`${go} is ${version?.join(".") ?? "unknown"}, older than 1.25`);
  return succeed(go);
}

/** Major and minor of `go version go1.26.8 linux/amd64`. */
export function parseGoVersion(text: string): readonly [number, number] | null {
  const match = /^go version go(\d+)\.(\d+)/m.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

export type GoBuild = {
  readonly go: string;
  /** A folder of its own: the module, its caches, scratch files. */
  readonly work: string;
  /** The text of go.mod. */
  readonly module: string;
  /** The packages to build, all in one go, which is quicker than one after another. */
  readonly packages: readonly string[];
  /** The folder to put the programs into, by the names that Go gives them: a path's last part that is no version. */
  readonly out: string;
  /** `ldflags` besides those that leave out the symbols. */
  readonly ldflags: string;
  readonly environment: NodeJS.ProcessEnv;
};

/**
 * Builds programs from their Go modules, whose checksums the Go tool verifies.
 * @returns null, or the last lines of what went wrong
 */
export async function buildGo(
  { go, work, module, packages, out, ldflags, environment }: GoBuild,
  signal: AbortSignal,
): Promise<string | null> {
  const folder = join(work, "module");
  const scratch = join(work, "tmp");
  for (const each of [folder, scratch]) await mkdir(each, { recursive: true });
  await writeFile(join(folder, "go.mod"), module);
  const env = {
    ...environment,
    // A build of ours alone: nobody's caches, workspaces or flags.
    GOPATH: join(work, "path"),
    GOMODCACHE: join(work, "mod"),
    GOCACHE: join(work, "cache"),
    // Go's own scratch files, which a build that is killed leaves behind.
    GOTMPDIR: scratch,
    GOWORK: "off",
    GOFLAGS: "-mod=mod -modcacherw",
    GOTOOLCHAIN: "local",
    CGO_ENABLED: "0",
  };
  const argv = [
    go,
    "build",
    "-trimpath",
    // What a debugger would want takes a tenth of the time and is thrown away by the linker.
    "-gcflags=all=-dwarf=false",
    `-ldflags=${`-s -w ${ldflags}`.trim()}`,
    "-o",
    // With its slash it is a folder.
    `${out}/`,
    ...packages,
  ];
  const result = await runCommand(contained(argv), { cwd: folder, env }, signal);
  signal.throwIfAborted();
  if (result.code !== 0) return `go build failed: ${result.stderr.trim().split("\n").slice(-3).join(" | ")}`;
  return null;
}
