import type { HostNames } from "./host-names.ts";
import type { LabState } from "./lab-state.ts";
import { createBridge } from "./network/bridge.ts";
import { openEgress, readNameServers } from "./network/egress.ts";
import { openHostFirewall } from "./network/host-firewall.ts";

/** Makes the lab's network on the host. @returns the name servers that machines can reach, none without `egress` */
export async function openNetwork(
  names: HostNames,
  { subnet }: LabState,
  egress: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await createBridge(names.bridge, subnet, signal);
  await openHostFirewall(names.bridge, signal);
  if (!egress) return [];
  await openEgress(names.tag, names.bridge, subnet, signal);
  return readNameServers();
}
