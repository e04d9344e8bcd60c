import type { Check } from "./check.ts";
import { deriveClusterChecks } from "./derive-cluster-checks.ts";
import { deriveMemberChecks } from "./derive-member-checks.ts";
import { deriveWayChecks } from "./derive-way-checks.ts";
import type { Findings } from "./findings.ts";

/** The check list, from here to the cluster and into it; one that rests on another that failed is skipped and says so. */
export function deriveChecks(findings: Findings): readonly Check[] {
  return [...deriveWayChecks(findings), ...deriveMemberChecks(findings), ...deriveClusterChecks(findings)];
}

/** 7: etcd was looked for and no member answered · 1: something failed · 0. */
export function exitCodeOf(checks: readonly Check[], { way, knocks, members, unopened }: Findings): 0 | 1 | 7 {
  if (typeof way.lab === "object") return 7;
  if (unopened === null && members.length > 0 && members.every(({ failedAt }) => failedAt !== null)) return 7;
  if (knocks.length > 0 && knocks.every(({ failedAt }) => failedAt !== null)) return 7;
  return checks.some(({ state }) => state === "failed") ? 1 : 0;
}
