import type { Snapshot } from "@quarterdeck/etcd";
import {
  isTemplate,
  reason,
  refuse,
  splitUnitName,
  succeed,
  type Problem,
  type ServiceName,
  type UnitName,
} from "@quarterdeck/model";
import { replicasOf } from "./apply-submit.ts";
import { createDraft, type Draft } from "./draft.ts";
import type { Decision } from "./effect.ts";
import { ownedByService, owningService, unknownUnit } from "./unit-problems.ts";

/** `destroy`: the cluster forgets the units; what runs of them is stopped by explicit absent entries, never by silence. */
export function applyDestroy(view: Snapshot, order: { readonly units: readonly UnitName[] }): Decision {
  const draft = createDraft(view);
  for (const name of new Set(order.units)) {
    const problem = destroyUnit(draft, name);
    if (problem !== null) return refuse(problem);
  }
  const done = draft.finish();
  return succeed({
    ...done,
    rollout: null,
    release: null,
    reason: reason("REQUESTED", `destroy ${done.changed.join(", ")}`),
  });
}

function destroyUnit(draft: Draft, name: UnitName): Problem | null {
  const unit = draft.unit(name);
  if (unit === null) return unknownUnit(draft.view, name);
  const owner = owningService(unit);
  if (owner !== null) return ownedByService(name, owner, "destroyed");
  if (isTemplate(name)) {
    const service = splitUnitName(name).prefix as ServiceName;
    if (draft.service(service)?.template === name) {
      const replicas = replicasOf(draft, service);
      if (replicas.length > 0) return stillServed(name, service, replicas.length);
      draft.setService(service, null);
    }
  }
  draft.removeUnit(name);
  return null;
}

function stillServed(name: UnitName, service: ServiceName, replicas: number): Problem {
  return {
    code: "CONFLICT",
    message: `${name} is the template of service ${service}, which has ${replicas} replica${replicas === 1 ? "" : "s"}`,
    why: "its replicas would be left without a service, and this version cannot remove a service that was deployed",
    try: `for fewer replicas set Replicas= in ${name}, fleet submit --replace ${name}, fleet deploy ${service} VERSION`,
  };
}
