import { absent, keys, put, ranges, type Snapshot } from "@quarterdeck/etcd";
import {
  reason,
  refuse,
  succeed,
  type DeploySpec,
  type Problem,
  type Release,
  type Request,
  type RequestAction,
  type Result,
  type Rollout,
  type RolloutId,
  type Service,
} from "@quarterdeck/model";
import { draftRollout } from "@quarterdeck/planner";
import { parseVersion } from "@quarterdeck/units";
import { actorName } from "./actor-name.ts";
import { createDraft } from "./draft.ts";
import type { Decision } from "./effect.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { hashText } from "./hash-text.ts";
import { isServing } from "./is-serving.ts";
import type { PinnedImage } from "./ports.ts";
import { unknownService } from "./unit-problems.ts";

export type DeployAction = Extract<RequestAction, { readonly verb: "deploy" }>;

/** What can be said of a deploy without asking a registry: the service, or why it cannot be deployed now. */
export function checkDeploy(view: Snapshot, action: DeployAction): Result<Service> {
  const service = view.get(keys.service(action.service))?.value;
  if (service === undefined) return refuse(unknownService(view, action.service));
  const version = parseVersion(action.version);
  if (!version.ok) return version;
  const missing = notYet(service.deploy, action);
  if (missing !== null) return refuse(missing);
  const running = service.rollout === null ? undefined : view.get(keys.rollout(service.rollout))?.value;
  if (running?.state === "running") return refuse(rolloutRunning(running));
  return succeed(service);
}

/** `deploy`: the next release and its rollout, written down; the rollout's waves are driven afterwards, pass by pass. */
export function applyDeploy(
  view: Snapshot,
  {
    request,
    action,
    pinned,
  }: { readonly request: Request; readonly action: DeployAction; readonly pinned: PinnedImage },
  now: number,
): Decision {
  const checked = checkDeploy(view, action);
  if (!checked.ok) return checked;
  const service = checked.value;
  const draft = createDraft(view);
  draft.service(service.service);
  if (isCurrent(view, service, pinned)) {
    const said = reason(
      "REQUESTED",
      `${service.service} runs ${action.version} (release ${service.release}) already, and is healthy`,
    );
    return succeed({ ...draft.finish(), changed: [], rollout: null, release: service.release, reason: said });
  }
  const number = nextRelease(view, service);
  const id =
    `${service.service}-${number}-${hashText(`${request.actor.principal}/${request.id}`).slice(0, 8)}` as RolloutId;
  const at = formatTimestamp(now);
  const by = actorName(request.actor);
  const release: Release = {
    v: 1,
    service: service.service,
    number,
    version: action.version,
    image: pinned.image,
    hash: service.hash,
    by,
    principal: request.actor.principal,
    at,
    why: request.why,
  };
  const rollout = draftRollout({
    id,
    release,
    previous: service.release,
    deploy: rolloutSpec(service.deploy, action),
    request: request.id,
    by,
    at,
  });
  draft.setService(service.service, { ...service, release: number, rollout: id });
  draft.add(put(keys.release(service.service, number), release), absent(keys.release(service.service, number)));
  draft.add(put(keys.rollout(id), rollout), absent(keys.rollout(id)));
  return succeed({
    ...draft.finish(),
    changed: [service.service],
    rollout: id,
    release: number,
    reason: rollout.reason,
  });
}

function isCurrent(view: Snapshot, service: Service, pinned: PinnedImage): boolean {
  if (service.release === null) return false;
  const release = view.get(keys.release(service.service, service.release))?.value;
  if (release === undefined || release.image !== pinned.image || release.hash !== service.hash) return false;
  // A bare tag may have moved to another image since: only a digest says that nothing changed.
  if (!pinned.pinned) return false;
  const replicas = view
    .list(ranges.units)
    .filter(({ value }) => value.origin.kind === "replica" && value.origin.service === service.service);
  return replicas.length === service.deploy.replicas && replicas.every((unit) => isServing(view, unit));
}

/** One above every release there ever was, also of an earlier service of this name, so that a number never means two things. */
function nextRelease(view: Snapshot, service: Service): number {
  const numbers = view.list(ranges.releasesOf(service.service)).map(({ value }) => value.number);
  return Math.max(0, service.release ?? 0, ...numbers) + 1;
}

function rolloutSpec(spec: DeploySpec, action: DeployAction): DeploySpec {
  return { ...spec, maxParallel: action.maxParallel ?? spec.maxParallel, canary: action.canary ?? spec.canary };
}

function notYet(spec: DeploySpec, action: DeployAction): Problem | null {
  const canary = (action.canary ?? spec.canary) > 0;
  if (!canary && !spec.autoRevert) return null;
  if (action.canary !== null && action.canary > 0)
    return {
      code: "NOT_YET",
      message: "--canary: not yet",
      why: "this version of Quarterdeck cannot let some replicas go first and wait",
      try: `leave --canary out: fleet deploy ${action.service} ${action.version}`,
    };
  const [what, cure] = canary ? ["Canary", "Canary=0"] : ["AutoRevert", "AutoRevert=false"];
  return {
    code: "NOT_YET",
    message: `${action.service} asks for ${what}, which this version of Quarterdeck cannot do yet`,
    why: "a deploy that silently left it out would be less careful than its unit file says",
    try: `set ${cure} in [X-Deploy] and submit the template with --replace`,
  };
}

function rolloutRunning(rollout: Rollout): Problem {
  return {
    code: "ROLLOUT_RUNNING",
    message: `a rollout of ${rollout.service} to ${rollout.version} is running (${rollout.id})`,
    why: "a service has one rollout at a time",
    try: `fleet rollout ${rollout.id}`,
  };
}
