import { CodedError } from "@quarterdeck/model";
import type { HostNames } from "./host-names.ts";
import type { LabOptions } from "./lab-options.ts";
import type { CgroupMounts } from "./machine/cgroup.ts";
import { prepareHost } from "./prepare-host.ts";
import { missingRights, readRights } from "./probe.ts";

/** What machines stand on: containers of this kernel, or plain processes and why there is nothing better. */
export type Ground =
  | { readonly kind: "machines"; readonly cgroups: CgroupMounts }
  | { readonly kind: "plain"; readonly why: string };

/**
 * Prepares this host for machines; where they cannot run, plain processes are the answer. `QUARTERDECK_LAB=plain` asks for those.
 * @throws {CodedError} USAGE for another value; LAB_FAILED when what is missing could have been installed and was not
 */
export async function chooseGround(
  options: LabOptions,
  names: HostNames,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Ground> {
  const asked = environment["QUARTERDECK_LAB"] ?? "";
  if (asked === "plain") return { kind: "plain", why: "QUARTERDECK_LAB=plain asks for it" };
  if (asked !== "")
    throw new CodedError("USAGE", {
      message: `QUARTERDECK_LAB is ${JSON.stringify(asked)}`,
      try: "QUARTERDECK_LAB=plain, or leave it unset",
    });
  // Before anything is installed: packages would be of no use.
  const missing = missingRights(...(await readRights()));
  if (missing.length > 0) return { kind: "plain", why: missing.join("; ") };
  try {
    return { kind: "machines", cgroups: await prepareHost(options, names, signal) };
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "LAB_UNSUPPORTED") throw error;
    return { kind: "plain", why: error.problem.why ?? error.message };
  }
}
