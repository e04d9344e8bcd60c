import type { EtcdAlarm, EtcdMember, MemberHealth } from "@quarterdeck/etcd";

/** An element of `etcd members`; `alarms` is null where the member does not answer. */
export type EtcdMemberRow = EtcdMember & { readonly alarms: readonly EtcdAlarm[] | null };

/** The cluster's own list of members, each with what itself says of how it is. */
export function deriveEtcdMemberRows(
  members: readonly EtcdMember[],
  health: readonly MemberHealth[],
): readonly EtcdMemberRow[] {
  return members.map((member) => {
    const said = health.find(({ id }) => id === member.id);
    const answers = said !== undefined && said.failedAt === null;
    return {
      ...member,
      // It may answer over an endpoint and be full, or differ from the others.
      healthy: answers ? said.healthy : member.healthy,
      alarms: answers ? said.alarms : null,
    };
  });
}
