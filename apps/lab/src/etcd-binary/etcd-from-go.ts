import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refuse, succeed } from "@quarterdeck/model";
import { openAside } from "../cache-slot.ts";
import { contained } from "../contained.ts";
import { runCommand } from "../run-command.ts";
import { CACHED_ETCD } from "./etcd-in-cache.ts";
import { findOnPath } from "./etcd-on-path.ts";
import type { EtcdSource } from "./etcd-source.ts";
import { readEtcdVersion } from "./etcd-version.ts";

/** A version that the modules of all three programs have. */
const VERSION = "3.6.16";

const MODULES = {
  etcd: "go.etcd.io/etcd/server/v3",
  etcdctl: "go.etcd.io/etcd/etcdctl/v3",
  etcdutl: "go.etcd.io/etcd/etcdutl/v3",
} as const;

/** etcd compiled from its Go modules, whose checksums the Go tool verifies; 80 s on two cores. */
export const etcdFromGo =
  (usualPlace = "/usr/local/go/bin/go"): EtcdSource =>
  async ({ home, progress, environment }, signal) => {
    const go = findOnPath("go", environment["PATH"]) ?? (existsSync(usualPlace) ? usualPlace : null);
    if (go === null) return refuse("no Go on PATH or in /usr/local/go");
    const goVersion = parseGoVersion((await runCommand([go, "version"], { timeoutMs: 10_000 }, signal)).stdout);
    if (goVersion === null || goVersion[0] !== 1 || goVersion[1] < 25)
      return refuse(`${go} is ${goVersion?.join(".") ?? "unknown"}, older than 1.25`);
    const dir = join(home.cache, CACHED_ETCD);
    const aside = await openAside(dir);
    const work = join(home.cache, "etcd-build");
    const problem = await progress.step(`etcd ${VERSION} built from its Go modules`, () =>
      build({ go, work, out: aside, environment }, signal),
    );
    if (problem !== null) return refuse(problem);
    const version = await readEtcdVersion(join(aside, "etcd"), signal);
    if (version === null) return refuse("the etcd that was built does not run");
    const origin = `Go modules, version ${VERSION}`;
    await writeFile(join(aside, "origin"), `${origin}\n`);
    await rm(dir, { recursive: true, force: true });
    await rename(aside, dir);
    // 0.7 GB of compiler cache that nothing needs again.
    await rm(work, { recursive: true, force: true });
    return succeed({ dir, version, origin });
  };

/** Major and minor of `go version go1.26.8 linux/amd64`. */
export function parseGoVersion(text: string): readonly [number, number] | null {
  const match = /^go version go(\d+)\.(\d+)/m.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

type Build = {
  readonly go: string;
  readonly work: string;
  readonly out: string;
  readonly environment: NodeJS.ProcessEnv;
};

/** @returns null, or the last lines of what went wrong */
async function build({ go, work, out, environment }: Build, signal: AbortSignal): Promise<string | null> {
  const module = join(work, "module");
  const scratch = join(work, "tmp");
  for (const folder of [module, scratch]) await mkdir(folder, { recursive: true });
  const requires = Object.values(MODULES).map((path) => `\t${path} v${VERSION}`);
  await writeFile(
    join(module, "go.mod"),
    `module quarterdeck.invalid/etcd\n\ngo 1.25\n\nrequire (\n${requires.join("\n")}\n)\n`,
  );
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
  for (const [name, path] of Object.entries(MODULES)) {
    const argv = [go, "build", "-trimpath", "-ldflags=-s -w", "-o", join(out, name), path];
    const result = await runCommand(contained(argv), { cwd: module, env }, signal);
    signal.throwIfAborted();
    if (result.code !== 0) return `go build ${path} failed: ${result.stderr.trim().split("\n").slice(-3).join(" | ")}`;
  }
  return null;
}
