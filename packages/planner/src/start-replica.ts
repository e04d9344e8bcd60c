import { isWell, reason, type Rollout, type RolloutStep, type Timestamp, type Unit } from "@quarterdeck/model";
import type { ReplicaFacts } from "./observe-replicas.ts";
import type { RolloutAction, RolloutView } from "./rollout-plan.ts";
import { wantedEntry } from "./wanted-entry.ts";

/** Has a replica run the rollout's release: a new value for its unit, and for its live entry where it has one. */
export function startReplica(
  view: RolloutView,
  step: RolloutStep,
  facts: ReplicaFacts,
  now: Timestamp,
): { readonly step: RolloutStep; readonly action: RolloutAction } {
  const { rollout, release } = view;
  const at = facts.machine === null ? "" : ` on ${facts.machine.hostname}`;
  const why = reason(
    "ROLLOUT_STEP",
    `${step.unit}${at} is to run ${release.service} ${release.version} (${pace(rollout)})`,
  );
  const index = rollout.steps.findIndex((other) => other.unit === step.unit) + 1;
  const value: Unit = {
    v: 1,
    hash: release.hash,
    target: "launched",
    generation: runsAlready(view, facts) ? (facts.unit?.unit.generation ?? 1) : (facts.unit?.unit.generation ?? 0) + 1,
    origin: { kind: "replica", service: release.service, index, release: release.number },
    environment: { IMAGE: release.image },
    submittedAt: facts.unit?.unit.submittedAt ?? now,
    // Without it a replica that only takes the release's number would be another definition, and be restarted.
    ...(facts.unit?.unit.restartedAt === undefined ? {} : { restartedAt: facts.unit.unit.restartedAt }),
  };
  const { entry } = facts;
  return {
    step: {
      ...step,
      state: "updating",
      machine: entry?.machine ?? null,
      startedAt: now,
      healthySince: null,
      reason: why,
    },
    action: {
      kind: "start",
      unit: step.unit,
      value,
      exists: facts.unit !== null,
      entry:
        entry === null || facts.unit === null
          ? null
          : {
              machine: entry.machine,
              entry: wantedEntry({ ...facts.unit, unit: value }, why),
              expects: entry.modRevision,
            },
      reason: why,
    },
  };
}

/**
 * It runs this very image and unit file already, and does well: it takes the release's number and nothing is restarted. So it is for the
 * replicas that a failed rollout never reached, when the release before is deployed again.
 */
function runsAlready({ release }: RolloutView, { unit, state }: ReplicaFacts): boolean {
  if (unit === null || state === null) return false;
  const { hash, environment, target, generation } = unit.unit;
  return (
    hash === release.hash &&
    target === "launched" &&
    Object.keys(environment).length === 1 &&
    environment["IMAGE"] === release.image &&
    state.incarnation === unit.incarnation &&
    state.generation === generation &&
    isWell(state)
  );
}

function pace(rollout: Rollout): string {
  if (rollout.previous === null) return "first deploy: all at once, nothing runs yet that could be harmed";
  return `${rollout.deploy.maxParallel} at a time`;
}
