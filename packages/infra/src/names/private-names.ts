import type { MemberPlace } from "./members.ts";

/** The zone of names that only the cluster's network answers. `internal` is the top-level domain that ICANN keeps for such use. */
export function privateDomain(cluster: string): string {
  return `${cluster}.internal`;
}

/** The name by which a member is known to its peers and clients, whatever its address: `etcd-a.<cluster>.internal`. */
export function memberHost(cluster: string, { id }: Pick<MemberPlace, "id">): string {
  return `etcd-${id}.${privateDomain(cluster)}`;
}

export function memberClientUrl(cluster: string, member: Pick<MemberPlace, "id">): string {
  return `https://${memberHost(cluster, member)}:2379`;
}

export function memberPeerUrl(cluster: string, member: Pick<MemberPlace, "id">): string {
  return `https://${memberHost(cluster, member)}:2380`;
}
