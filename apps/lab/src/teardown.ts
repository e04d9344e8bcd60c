import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { LabHome } from "./home.ts";
import type { HostNames } from "./host-names.ts";
import { removeCgroup, type CgroupMounts } from "./machine/cgroup.ts";
import { linksOf, removeLinks } from "./network/bridge.ts";
import { closeEgress } from "./network/egress.ts";
import { removeFaults } from "./network/faults.ts";
import { closeHostFirewall } from "./network/host-firewall.ts";

/**
 * Removes every object of this lab from the host: processes (and with them the mounts), links, rules, control groups. Fine where there is none, so it
 * serves a normal end and the leftovers of a run that was killed. Disks stay.
 */
export async function removeHostObjects(
  home: LabHome,
  names: HostNames,
  cgroups: CgroupMounts,
  signal: AbortSignal,
): Promise<void> {
  // First what runs: the mounts and most links go with it.
  await removeCgroup(cgroups, names.tag, signal);
  await removeLinks(names.tag, signal);
  await removeFaults(names.tag, signal);
  await closeEgress(names.tag, signal);
  await closeHostFirewall(names.bridge, signal);
  for (const name of await readdir("/run/systemd/nspawn/propagate").catch((): string[] => [])) {
    if (name.startsWith(names.tag))
      await rm(join("/run/systemd/nspawn/propagate", name), { recursive: true, force: true });
  }
  await rm(join("/run", names.tag), { recursive: true, force: true });
  await rm(home.controlSocket, { force: true });
}

/** Whether an earlier run left something; cheap enough to ask at every start. */
export async function hasLeftovers(names: HostNames, cgroups: CgroupMounts): Promise<boolean> {
  const groups = await readdir(cgroups.unified).catch((): string[] => []);
  return groups.includes(names.tag) || (await linksOf(names.tag)).length > 0;
}
