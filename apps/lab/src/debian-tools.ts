import { chmod, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fillCacheSlot } from "./cache-slot.ts";
import type { LabHome } from "./home.ts";
import { labFailed } from "./lab-failed.ts";
import { runCommand, runOrFail } from "./run-command.ts";

/** Programs out of Debian packages that are unpacked and never installed, so that no daemon of theirs starts on the host. */
export type DebianTools = {
  readonly ignition: string;
  readonly registry: string;
  readonly busybox: string;
  /** Goes first on Ignition's PATH. */ readonly path: string;
};

const PACKAGES = ["ignition", "docker-registry", "busybox-static"] as const;

/** Fetches and unpacks them into the cache, once. */
export async function ensureDebianTools(home: LabHome, signal: AbortSignal): Promise<DebianTools> {
  const dir = join(home.cache, "debian-tools");
  await fillCacheSlot(dir, async (aside) => {
    await unpackDebianPackages(PACKAGES, aside, signal);
    await mkdir(join(aside, "path"));
    await symlink("../usr/lib/dracut/modules.d/30ignition/ignition", join(aside, "path", "ignition"));
    // Ignition relabels for SELinux when it believes in one; the lab's machines have none, but the program must be there and succeed.
    await writeFile(join(aside, "path", "setfiles"), "#!/bin/sh\ncat >/dev/null\n");
    await chmod(join(aside, "path", "setfiles"), 0o755);
  });
  return {
    ignition: join(dir, "path", "ignition"),
    registry: join(dir, "usr/bin/docker-registry"),
    busybox: join(dir, "bin/busybox"),
    path: join(dir, "path"),
  };
}

/** Downloads packages by apt and unpacks them into `dir`, which must not hold anything worth keeping. */
export async function unpackDebianPackages(
  packages: readonly string[],
  dir: string,
  signal: AbortSignal,
): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  // apt drops to its own user for downloads and complains where that one may not write; as root it need not.
  const download = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", ...packages];
  const first = await runCommand(download, { cwd: dir }, signal);
  if (first.code !== 0) {
    await runOrFail(["apt-get", "update", "-qq"], {}, signal);
    await runOrFail(download, { cwd: dir }, signal);
  }
  const files = (await readdir(dir)).filter((name) => name.endsWith(".deb"));
  if (files.length < packages.length)
    throw labFailed(`apt-get download gave ${files.length} of ${packages.length} packages`, {
      why: packages.join(" "),
    });
  for (const file of files) {
    await runOrFail(["dpkg-deb", "-x", file, "."], { cwd: dir }, signal);
    await rm(join(dir, file));
  }
}
