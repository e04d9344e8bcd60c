import { ensureBaseImage } from "./base-image.ts";
import { ensureBinary, type Binary } from "./binary.ts";
import { ensureDebianTools, type DebianTools } from "./debian-tools.ts";
import { ensureEtcd, ETCD_SOURCES } from "./etcd-binary/ensure-etcd.ts";
import type { EtcdBinary } from "./etcd-binary/etcd-source.ts";
import type { HostNames } from "./host-names.ts";
import { ensureHostPackages } from "./host-packages.ts";
import type { LabOptions } from "./lab-options.ts";
import type { CgroupMounts } from "./machine/cgroup.ts";
import { probeHost, unsupported } from "./probe.ts";
import { hasLeftovers, removeHostObjects } from "./teardown.ts";

/** What machines are made from. */
export type Ingredients = { readonly tools: DebianTools; readonly etcd: EtcdBinary; readonly binary: Binary | null };

/** Installs what the host lacks, makes sure that machines can run, and removes what a killed run left. @throws {CodedError} LAB_UNSUPPORTED */
export async function prepareHost(
  { home, progress }: LabOptions,
  names: HostNames,
  signal: AbortSignal,
): Promise<CgroupMounts> {
  await ensureHostPackages(progress, signal);
  const host = await probeHost(home.run, names.tag, signal);
  if (!host.ok) throw unsupported(host.reasons);
  if (await hasLeftovers(names, host.cgroups)) progress.say("removing what an earlier run left behind");
  await removeHostObjects(home, names, host.cgroups, signal);
  return host.cgroups;
}

/** Fetches and builds what is not in the cache yet; what needs nothing of the others goes on beside them. */
export async function gatherIngredients(
  { home, progress, runs }: Pick<LabOptions, "home" | "progress" | "runs">,
  signal: AbortSignal,
): Promise<Ingredients> {
  const all = new AbortController();
  const both = AbortSignal.any([signal, all.signal]);
  const work = [
    ensureDebianTools(home, both),
    ensureEtcd({ home, progress, environment: process.env }, ETCD_SOURCES, both),
    runs === "all" ? ensureBinary(home, progress, both) : Promise.resolve(null),
    ensureBaseImage(home, progress, both),
  ] as const;
  try {
    const [tools, etcd, binary] = await Promise.all(work);
    return { tools, etcd, binary };
  } catch (error) {
    // One failed: the others must not go on behind our back.
    all.abort();
    await Promise.allSettled(work);
    throw error;
  }
}
