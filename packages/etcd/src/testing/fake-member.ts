import type { MemberHealth } from "../cluster/member-health.ts";

/** A member that is well, except for what a test says. */
export function fakeMember(more: Partial<MemberHealth> = {}): MemberHealth {
  return {
    endpoint: "memory:",
    name: "fake",
    id: "1",
    failedAt: null,
    healthy: true,
    hasLeader: true,
    leader: true,
    version: "3.6.16",
    databaseBytes: 0,
    inUseBytes: 0,
    quotaBytes: 2_147_483_648,
    alarms: [],
    answeredAt: 0,
    clockDifferenceMs: 0,
    problem: null,
    warning: null,
    ...more,
  };
}
