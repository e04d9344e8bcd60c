import {
  reason,
  replicaName,
  type DeploySpec,
  type RequestId,
  type Release,
  type Rollout,
  type RolloutId,
  type Timestamp,
} from "@quarterdeck/model";

export type RolloutRequest = {
  readonly id: RolloutId;
  readonly release: Release;
  /** Number of the release that it replaces; `null` on a first deploy. */
  readonly previous: number | null;
  readonly deploy: DeploySpec;
  readonly request: RequestId;
  /** Who deploys, as people are named in the audit log. */
  readonly by: string;
  readonly at: Timestamp;
};

/** The rollout before its first step: one pending step for each replica, by index. */
export function draftRollout({ id, release, previous, deploy, request, by, at }: RolloutRequest): Rollout {
  const steps = Array.from({ length: deploy.replicas }, (_, index) => ({
    unit: replicaName(release.service, index + 1),
    state: "pending" as const,
    machine: null,
    startedAt: null,
    healthySince: null,
    reason: null,
  }));
  const pace =
    previous === null
      ? `a first deploy: nothing runs yet that could be harmed, so ${deploy.replicas === 1 ? "it starts" : `all ${deploy.replicas} start`} at once`
      : `${deploy.replicas} to replace, ${deploy.maxParallel} at a time, each behind its health`;
  return {
    v: 1,
    id,
    service: release.service,
    release: release.number,
    version: release.version,
    previous,
    deploy,
    state: "running",
    steps,
    reason: reason("ROLLOUT_STEP", `${release.service} ${release.version}: ${pace}`),
    request,
    by,
    startedAt: at,
    endedAt: null,
  };
}
