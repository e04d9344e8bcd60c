import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { baseImageHash } from "../base-image.ts";
import { mountRoot, wipeSystem, type MachineDisk } from "./disk.ts";
import { writeRecord, type MachineRecord } from "./machine-record.ts";
import type { MachineSite } from "./machine-site.ts";
import { runIgnition } from "./run-ignition.ts";

/**
 * Mounts a machine's root and lets Ignition make it, if it has not or its config or base image changed since: then the system is made
 * anew while the data directories stay, as on EC2, where a changed machine is a new one with the old volumes.
 * @returns the record to go on with
 */
export async function provision(
  record: MachineRecord,
  disk: MachineDisk,
  site: MachineSite,
  signal: AbortSignal,
): Promise<MachineRecord> {
  const baseOf = (hash: string): string => join(site.home.cache, `base-${hash}`);
  const config = await site.configOf(record);
  const hash = createHash("sha256").update(config).digest("hex");
  if (record.config === hash && record.base === baseImageHash && existsSync(baseOf(record.base))) {
    await mountRoot(disk, baseOf(record.base), signal);
    return record;
  }
  await wipeSystem(disk, signal);
  // Written first without a config: a provisioning that is cut short is begun again.
  await writeRecord(site.home.machines, { ...record, base: baseImageHash, config: null });
  await mountRoot(disk, baseOf(baseImageHash), signal);
  const doorway = join("/run", site.names.tag, `m${record.number}`);
  await runIgnition(
    site.tools,
    { space: disk.space, root: disk.root, doorway, folder: join(disk.dir, ".."), config },
    signal,
  );
  const provisioned: MachineRecord = { ...record, base: baseImageHash, config: hash };
  await writeRecord(site.home.machines, provisioned);
  return provisioned;
}
