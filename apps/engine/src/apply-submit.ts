import { ranges, type Snapshot } from "@quarterdeck/etcd";
import {
  isTemplate,
  reason,
  refuse,
  splitUnitName,
  succeed,
  templateOf,
  type DeploySpec,
  type Problem,
  type Result,
  type ServiceName,
  type Unit,
  type UnitName,
  type UnitTarget,
} from "@quarterdeck/model";
import { checkUnit } from "@quarterdeck/units";
import { createDraft, type Draft } from "./draft.ts";
import type { Decision } from "./effect.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { hashText } from "./hash-text.ts";
import { ownedByService, owningService, textDiffers } from "./unit-problems.ts";

export type UnitText = { readonly name: UnitName; readonly text: string };

export type SubmitOrder = { readonly files: readonly UnitText[]; readonly replace: boolean };

/** `submit`: makes units known; a template with `[X-Deploy]` becomes a service, or changes the one it is. */
export function applySubmit(view: Snapshot, order: SubmitOrder, now: number): Decision {
  const draft = createDraft(view);
  for (const file of order.files) {
    const problem = submitFile(draft, file, { replace: order.replace, verb: "submit", target: "inactive", now });
    if (problem !== null) return refuse(problem);
  }
  const done = draft.finish();
  return succeed({ ...done, rollout: null, release: null, reason: reason("REQUESTED", submitText(done.changed)) });
}

export type SubmitOptions = {
  readonly replace: boolean;
  /** What the person typed, for the hint. */
  readonly verb: string;
  /** Of a unit that does not exist yet; an existing one keeps its own. */
  readonly target: UnitTarget;
  readonly now: number;
};

/** Puts one file into the draft; answers the problem that forbids it, or null. */
export function submitFile(draft: Draft, file: UnitText, options: SubmitOptions): Problem | null {
  const checked = checkUnit(file.name, file.text);
  if (!checked.ok) return checked.error;
  const existing = draft.unit(file.name);
  const owner = existing === null ? null : owningService(existing);
  if (owner !== null) return ownedByService(file.name, owner, "replaced");
  const service = serviceOfInstance(draft, file.name);
  if (service !== null) return ownedByService(file.name, service, "submitted");
  if (existing !== null && existing.hash !== hashText(file.text) && !options.replace)
    return textDiffers(file.name, options.verb);
  const served = draftService(draft, file.name, { deploy: checked.value.deploy, hash: hashText(file.text) });
  if (!served.ok) return served.error;
  const hash = draft.keepText(file.text);
  if (existing === null) draft.setUnit(file.name, newUnit({ hash, target: options.target, now: options.now }));
  else if (existing.hash !== hash) draft.setUnit(file.name, { ...existing, hash, generation: existing.generation + 1 });
  return null;
}

/** The service whose replica a unit of this name would be; null for what is not an instance of a service's template. */
export function serviceOfInstance(draft: Draft, name: UnitName): ServiceName | null {
  const template = templateOf(name);
  if (template === null) return null;
  const service = splitUnitName(name).prefix as ServiceName;
  return draft.service(service)?.template === template ? service : null;
}

/** A unit as it is first made; its generation is 1. */
export function newUnit(facts: Pick<Unit, "hash" | "target"> & { readonly now: number }): Unit {
  return {
    v: 1,
    hash: facts.hash,
    target: facts.target,
    generation: 1,
    origin: { kind: "submitted" },
    environment: {},
    submittedAt: formatTimestamp(facts.now),
  };
}

type Served = { readonly deploy: DeploySpec | null; readonly hash: Unit["hash"] };

function draftService(draft: Draft, template: UnitName, { deploy, hash }: Served): Result<void> {
  if (!isTemplate(template)) return succeed(undefined);
  const name = splitUnitName(template).prefix as ServiceName;
  const service = draft.service(name);
  if (service !== null && service.template !== template) {
    return refuse({
      code: "CONFLICT",
      message: `service ${name} is made of ${service.template} already`,
      why: "a service has one template",
      try: `fleet destroy ${service.template}`,
    });
  }
  if (deploy === null) {
    if (service === null) return succeed(undefined);
    if (replicasOf(draft, name).length > 0) {
      return refuse({
        code: "CONFLICT",
        message: `${template} has no [X-Deploy] section, but service ${name} has replicas`,
        why: "without it the replicas would belong to nothing",
        try: `keep the section, or first  fleet remove ${name}`,
      });
    }
    draft.setService(name, null);
    return succeed(undefined);
  }
  const kept = { release: service?.release ?? null, rollout: service?.rollout ?? null };
  const wanted = { v: 1 as const, service: name, template, hash, deploy, ...kept };
  if (service === null || service.hash !== hash) draft.setService(name, wanted);
  return succeed(undefined);
}

/** Names of the replicas that a service has now, as the mirror shows them. */
export function replicasOf(draft: Pick<Draft, "view">, service: ServiceName): readonly UnitName[] {
  return draft.view
    .list(ranges.units)
    .filter(({ value }) => owningService(value) === service)
    .map(({ names }) => (names[0] ?? "") as UnitName);
}

function submitText(changed: readonly string[]): string {
  return changed.length === 0 ? "submitted already, with the same text" : `submitted ${changed.join(", ")}`;
}
