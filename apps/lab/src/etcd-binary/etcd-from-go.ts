import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refuse, succeed } from "@quarterdeck/model";
import { buildGo, findGo } from "../build-go.ts";
import { openAside } from "../cache-slot.ts";
import { CACHED_ETCD } from "./etcd-in-cache.ts";
import type { EtcdSource } from "./etcd-source.ts";
import { readEtcdVersion } from "./etcd-version.ts";

/** A version that the modules of all three programs have. */
const VERSION = "3.6.16";

const MODULES = {
  etcd: "go.etcd.io/etcd/server/v3",
  etcdctl: "go.etcd.io/etcd/etcdctl/v3",
  etcdutl: "go.etcd.io/etcd/etcdutl/v3",
} as const;

const MODULE = `module quarterdeck.invalid/etcd\n\ngo 1.25\n\nrequire (\n${Object.values(MODULES)
  .map((path) => `\t${path} v${VERSION}\n`)
  .join("")})\n`;

/** etcd compiled from its Go modules, whose checksums the Go tool verifies; 100 s on two cores. */
export const etcdFromGo =
  (usualPlace = "/usr/local/go/bin/go"): EtcdSource =>
  async ({ home, progress, environment }, signal) => {
    const go = await findGo(environment["PATH"], usualPlace, signal);
    if (!go.ok) return go;
    const dir = join(home.cache, CACHED_ETCD);
    const aside = await openAside(dir);
    const work = join(home.cache, "etcd-build");
    const problem = await progress.step(`etcd ${VERSION} built from its Go modules`, () =>
      buildGo(
        { go: go.value, work, module: MODULE, packages: Object.values(MODULES), out: aside, ldflags: "", environment },
        signal,
      ),
    );
    if (problem !== null) return refuse(problem);
    // By its module the server's program would be "server".
    await rename(join(aside, "server"), join(aside, "etcd"));
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
