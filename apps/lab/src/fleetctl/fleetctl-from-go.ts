import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { refuse, succeed, type Result } from "@quarterdeck/model";
import { buildGo, findGo } from "../build-go.ts";
import { openAside } from "../cache-slot.ts";
import type { EtcdSearch } from "../etcd-binary/etcd-source.ts";

/** Below the cache: a folder with `fleetctl` in it. */
export const CACHED_FLEETCTL = "fleetctl";

/**
 * fleet 1.0.0, the last there was, is older than Go's modules and names none. These are the oldest tagged versions that it builds with; fleetctl's own
 * code is what was released.
 */
const MODULE = `module quarterdeck.invalid/fleetctl

go 1.25

require (
\tgithub.com/coreos/fleet v1.0.0
\tgithub.com/coreos/etcd v3.3.27+incompatible
\tgithub.com/coreos/go-systemd v0.0.0-20191104093116-d3cd4ed1dbcf
\tgithub.com/prometheus/client_golang v0.9.4
\tgithub.com/spf13/cobra v0.0.7
\tgithub.com/vishvananda/netlink v1.0.0
\tgithub.com/vishvananda/netns v0.0.5
\tgolang.org/x/crypto v0.0.0-20200622213623-75b288015ac9
\tgoogle.golang.org/api v0.1.0
\tgoogle.golang.org/grpc v1.26.0
)
`;

const LDFLAGS = "-X github.com/coreos/fleet/version.Version=1.0.0";

/** The original fleetctl, for the tests alone: from the cache, or compiled from its module; 70 s on two cores. A refusal says why there is none. */
export async function fleetctlFromGo(
  { home, progress, environment }: EtcdSearch,
  signal: AbortSignal,
  usualPlace = "/usr/local/go/bin/go",
): Promise<Result<string, string>> {
  const dir = join(home.cache, CACHED_FLEETCTL);
  const program = join(dir, "fleetctl");
  if (existsSync(program)) return succeed(program);
  const go = await findGo(environment["PATH"], usualPlace, signal);
  if (!go.ok) return go;
  const aside = await openAside(dir);
  const work = join(home.cache, "fleetctl-build");
  const packages = ["github.com/coreos/fleet/fleetctl"];
  const problem = await progress.step("fleetctl 1.0.0 built from its Go module", () =>
    buildGo({ go: go.value, work, module: MODULE, packages, out: aside, ldflags: LDFLAGS, environment }, signal),
  );
  if (problem !== null) return refuse(problem);
  await rm(dir, { recursive: true, force: true });
  await rename(aside, dir);
  await rm(work, { recursive: true, force: true });
  return succeed(program);
}
