import {
  isWell,
  type Rollout,
  type RolloutId,
  type Service,
  type ServiceName,
  type UnitName,
  type UnitState,
} from "@quarterdeck/model";
import { copiesOf } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { replicasOf, runningRelease } from "./running-release.ts";

/** A row of `services`, and its JSON. */
export type ServiceRow = {
  readonly service: ServiceName;
  /** What most replicas run, the newest while none does; `null` before the first deploy, and then so are `version` and `image`. */
  readonly release: number | null;
  readonly version: string | null;
  readonly image: string | null;
  /** How many replicas should run: none before the first deploy. */
  readonly desired: number;
  /** Replicas with an active copy on a machine that can be asked. */
  readonly running: number;
  /** Of those, the ones whose check passes, or that have none. */
  readonly healthy: number;
  /** The rollout under way, else the newest if it failed: nothing else here would tell of it. `null` when the newest came about. */
  readonly rollout: RolloutId | null;
};

export function deriveServiceRows(facts: Facts): readonly ServiceRow[] {
  return [...facts.services.values()]
    .map((service) => deriveServiceRow(facts, service))
    .toSorted((a, b) => a.service.localeCompare(b.service, "en"));
}

function deriveServiceRow(facts: Facts, service: Service): ServiceRow {
  const release = runningRelease(facts, service.service)?.release ?? null;
  const active = replicasOf(facts, service.service).map((unit) => activeStates(facts, unit));
  const current = facts.rollouts.find((one) => one.id === service.rollout);
  const rollout = current?.state === "running" ? current : newestRollout(facts, service.service);
  return {
    service: service.service,
    release: release?.number ?? service.release,
    version: release?.version ?? null,
    image: release?.image ?? null,
    desired: service.release === null ? 0 : service.deploy.replicas,
    running: active.filter((states) => states.length > 0).length,
    healthy: active.filter((states) => states.some(isWell)).length,
    rollout: rollout === null || rollout.state === "done" ? null : rollout.id,
  };
}

/** The newest rollout of a service, whatever became of it. */
export function newestRollout(facts: Facts, service: ServiceName): Rollout | null {
  return facts.rollouts.find((one) => one.service === service) ?? null;
}

function activeStates(facts: Facts, unit: UnitName): readonly UnitState[] {
  return copiesOf(facts, unit).flatMap((copy) => (copy.live && copy.state?.active === "active" ? [copy.state] : []));
}
