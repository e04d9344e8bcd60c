import { stringify } from "smol-toml";
import type { WorkerMachine } from "./options.ts";
import type { IgnitionFile } from "./spec.ts";
import { textFile } from "./text-file.ts";

/**
 * Has Zincati ask an engine before it reboots the machine. It takes the system's authorities, which Fedora CoreOS makes of this folder at its first
 * boot. @see https://coreos.github.io/zincati/usage/updates-strategy/
 */
export function zincatiFiles({ zincati, pki }: Pick<WorkerMachine, "zincati" | "pki">): readonly IgnitionFile[] {
  if (zincati === undefined) return [];
  const config = {
    identity: { group: zincati.group },
    updates: { strategy: "fleet_lock", fleet_lock: { base_url: zincati.fleetLockUrl } },
  };
  return [
    textFile("/etc/zincati/config.d/55-updates-strategy.toml", stringify(config)),
    textFile("/etc/pki/ca-trust/source/anchors/quarterdeck.pem", pki.ca),
  ];
}
