import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "@quarterdeck/model";
import type { LabHome } from "./home.ts";
import { deriveHostNames } from "./host-names.ts";
import { lockHolder } from "./lock.ts";
import { readCgroupMounts } from "./machine/cgroup.ts";
import { endMarked } from "./plain/marked-processes.ts";
import { removeHostObjects } from "./teardown.ts";

/** Wipes machines and what depends on them; caches, keys and certificates stay. @throws {CodedError} ALREADY_RUNNING while the lab runs */
export async function reset(home: LabHome): Promise<void> {
  await removeObjects(home);
  for (const path of [home.machines, home.state, home.sandbox, home.registry, home.run, home.contexts])
    await rm(path, { recursive: true, force: true });
  process.stdout.write(`wiped: the next start makes new machines (caches in ${home.cache} are kept)\n`);
}

/** What set-up, builds and tests make in the checkout and in each of its workspaces. */
const MADE = ["node_modules", "dist", ".turbo", ".tsc", "test-results"];

/**
 * Removes the whole home, the toolchain in it too, and what was installed and built in the checkout; no file that is anybody's own.
 * @throws {CodedError} ALREADY_RUNNING while the lab runs
 */
export async function clean(home: LabHome, checkout: string): Promise<void> {
  await removeObjects(home);
  await rm(home.root, { recursive: true, force: true });
  // The packages of this very process go last.
  for (const workspace of [...(await workspacesOf(checkout)), checkout])
    for (const made of MADE) await rm(join(workspace, made), { recursive: true, force: true });
  process.stdout.write(
    `removed ${home.root} and what was installed and built in ${checkout}; Debian packages that were installed stay (apt-get remove systemd-container mmdebstrap nftables, if nothing else needs them)\n`,
  );
}

async function workspacesOf(checkout: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of ["packages", "apps", "tests"])
    for (const entry of await readdir(join(checkout, folder), { withFileTypes: true }))
      if (entry.isDirectory()) found.push(join(entry.parentPath, entry.name));
  return found;
}

async function removeObjects(home: LabHome): Promise<void> {
  const holder = await lockHolder(home.lock);
  if (holder !== null)
    throw new CodedError("ALREADY_RUNNING", {
      message: `the lab runs, as process ${holder}`,
      why: "its disks are in use",
      try: `stop it first (Ctrl-C in its terminal, or kill ${holder})`,
    });
  await endMarked(home.machines, 0);
  const cgroups = await readCgroupMounts();
  if (cgroups !== null)
    await removeHostObjects(home, deriveHostNames(home.root), cgroups, new AbortController().signal);
}
