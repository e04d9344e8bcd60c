import {
  appendAudit,
  finishRequest,
  keys,
  type AuditFacts,
  type Entry,
  type Operation,
  type Snapshot,
  type Transaction,
} from "@quarterdeck/etcd";
import {
  assertNever,
  refuse,
  type Actor,
  type Forecast,
  type MachineId,
  type Problem,
  type Request,
  type RequestOutcome,
  type Result,
} from "@quarterdeck/model";
import { authorise } from "@quarterdeck/planner";
import { applyAudit } from "./apply-audit.ts";
import { applyBrake } from "./apply-brake.ts";
import { applyDeploy, checkDeploy } from "./apply-deploy.ts";
import { applyDestroy } from "./apply-destroy.ts";
import { applyMachine } from "./apply-machine.ts";
import { applyReboot, applyRebootRelease } from "./apply-reboot.ts";
import { applyDrain, applyRebalance } from "./apply-relocation.ts";
import { applySubmit } from "./apply-submit.ts";
import { applyTarget } from "./apply-target.ts";
import { checkIdentities } from "./check-identities.ts";
import type { Decision } from "./effect.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { joinTransactions } from "./join-transactions.ts";
import type { PinnedImage } from "./ports.ts";
import type { Moment } from "./stage.ts";

/** etcd refuses a transaction of more than 128 operations or conditions (`--max-txn-ops`); outcome, audit entry and fence need some of them. */
const MAX_OPERATIONS = 120;

/** etcd refuses more than 1.5 MiB at once (`--max-request-bytes`), and the answered request, with its unit text, is written too. */
const MAX_BYTES = 1_400_000;

/** What is known of the image that a deploy asked for: nothing yet, or the registry's answer. */
export type RegistryAnswer = Result<PinnedImage> | null;

/** What a change would lead to; asked for a dry run alone. */
export type ForecastOf = (change: readonly Operation[]) => readonly Forecast[];

export type RequestDecision =
  | { readonly kind: "commit"; readonly transaction: Transaction; readonly outcome: RequestOutcome }
  /** Cannot be decided before the registry was asked for this image. */
  | { readonly kind: "ask"; readonly repository: string; readonly version: string };

/** Authorises one request and derives everything that its answer writes: effect, outcome and audit entry, in one transaction. */
export function decideRequest(
  view: Snapshot,
  entry: Entry<Request>,
  { answer, forecast, ...moment }: Moment & { readonly answer: RegistryAnswer; readonly forecast: ForecastOf },
): RequestDecision {
  const request = entry.value;
  const forbidden = checkActor(entry) ?? checkPolicy(view, request) ?? checkIdentities(view, request);
  if (forbidden !== null) return answerWith(view, entry, { decision: refuse(forbidden), ...moment });
  if (request.action.verb === "deploy" && answer === null) {
    const checked = checkDeploy(view, request.action);
    if (checked.ok) return { kind: "ask", repository: checked.value.deploy.image, version: request.action.version };
    return answerWith(view, entry, { decision: checked, ...moment });
  }
  const decision = decideAction(view, request, { answer, now: moment.now });
  const fits = !decision.ok || fitsTransaction(decision.value, request);
  return answerWith(view, entry, { decision: fits ? decision : refuse(tooMany(request)), forecast, ...moment });
}

/** Answers a request with a problem that was met while it was decided. */
export function refuseRequest(
  view: Snapshot,
  entry: Entry<Request>,
  { problem, ...moment }: Moment & { readonly problem: Problem },
): RequestDecision {
  return answerWith(view, entry, { decision: refuse(problem), ...moment });
}

function decideAction(
  view: Snapshot,
  request: Request,
  { answer, now }: { readonly answer: RegistryAnswer; readonly now: number },
): Decision {
  const { action } = request;
  switch (action.verb) {
    case "submit":
      return applySubmit(view, action, now);
    case "load":
    case "start":
    case "unload":
      return applyTarget(view, action, now);
    case "stop":
    case "restart":
      return applyTarget(view, { ...action, files: [], replace: false }, now);
    case "destroy":
      return applyDestroy(view, action);
    case "set-metadata":
    case "cordon":
    case "uncordon":
      return applyMachine(view, action, now);
    case "drain":
      return applyDrain(view, { request, machine: action.machine }, now);
    case "rebalance":
      return applyRebalance(view, { request, max: action.max }, now);
    case "brake":
      return applyBrake(view, request, now);
    case "reboot":
      return applyReboot(view, { request, action }, now);
    case "reboots":
      return applyRebootRelease(view, { request, machine: action.release }, now);
    case "audit":
      return applyAudit(view, { request, action }, now);
    case "deploy":
      if (answer === null)
        return refuse({ code: "INTERNAL", message: "a deploy was decided before its image was known" });
      return answer.ok ? applyDeploy(view, { request, action, pinned: answer.value }, now) : answer;
    default:
      return assertNever(action);
  }
}

function answerWith(
  view: Snapshot,
  entry: Entry<Request>,
  { decision, forecast, now, signer }: Moment & { readonly decision: Decision; readonly forecast?: ForecastOf },
): RequestDecision {
  const request = entry.value;
  const at = formatTimestamp(now);
  if (request.dryRun === true && decision.ok) {
    const { then, changed, reason } = decision.value;
    const foreseen = [...(forecast?.(then) ?? [])];
    const said = { changed: [...changed], rollout: null, release: null, reason, at };
    return answerDry(entry, { kind: "applied", ...said, forecast: foreseen });
  }
  const outcome: RequestOutcome = decision.ok
    ? {
        kind: "applied",
        changed: [...decision.value.changed],
        rollout: decision.value.rollout,
        release: decision.value.release,
        ...(decision.value.relocation === undefined ? {} : { relocation: decision.value.relocation }),
        reason: decision.value.reason,
        at,
      }
    : { kind: "refused", problem: decision.error, at };
  if (request.dryRun === true) return answerDry(entry, outcome);
  const facts: AuditFacts = {
    at,
    actor: request.actor,
    request: request.id,
    act: request.action.verb,
    subjects: [...subjectsOf(request)],
    outcome: decision.ok
      ? `applied: ${decision.value.reason.text}`
      : `refused: ${decision.error.code} ${decision.error.message}`,
    ...(request.why === "" ? {} : { why: request.why }),
  };
  const audit = appendAudit(view, facts, signer);
  const effect: Transaction = decision.ok ? decision.value : { when: [], then: [] };
  return { kind: "commit", outcome, transaction: joinTransactions(finishRequest(entry, outcome), effect, audit) };
}

/** Nothing was done, so nothing is written but the answer. */
function answerDry(entry: Entry<Request>, outcome: RequestOutcome): RequestDecision {
  return { kind: "commit", outcome, transaction: finishRequest(entry, outcome) };
}

/** The certificate's name is the key's segment, which etcd's roles guard; a value that claims another one is a lie or a bug. */
function checkActor({ names: [principal, id], value: request }: Entry<Request>): Problem | null {
  if (request.actor.principal !== principal || request.id !== id) {
    return {
      code: "FORBIDDEN",
      message: `the request names ${request.actor.principal} as its actor, but ${principal ?? "somebody else"} wrote it`,
      why: "a client speaks for itself alone",
      try: "fleet whoami",
    };
  }
  return null;
}

function checkPolicy(view: Snapshot, request: Request): Problem | null {
  if (request.action.verb === "reboot") return checkReboot(request.actor, request.action.machine);
  const policy = view.get(keys.policy())?.value ?? null;
  const allowed = authorise(policy, request.actor, request.action.verb);
  return allowed.ok ? null : allowed.error;
}

/** No policy speaks of machines, and none is needed: only the engine writes in a machine's name, and a machine asks for itself alone. */
function checkReboot(actor: Actor, machine: MachineId): Problem | null {
  if (actor.principal === `machine:${machine}` && actor.slack === null) return null;
  return {
    code: "FORBIDDEN",
    message: `${actor.principal} may not ask for the reboot of ${machine}`,
    why: "a machine asks for itself alone, by FleetLock",
    try: "fleet drain",
  };
}

function subjectsOf({ action }: Request): readonly string[] {
  switch (action.verb) {
    case "submit":
      return action.files.map((file) => file.name);
    case "deploy":
      return [`${action.service} ${action.version}`];
    case "set-metadata":
    case "cordon":
    case "uncordon":
    case "drain":
      return [action.machine];
    case "rebalance":
      return ["cluster"];
    case "brake":
      return ["brake"];
    case "reboot":
      return [action.machine, action.group];
    case "reboots":
      return [action.release];
    case "audit":
      return [`audit 1-${action.exported.sequence}`];
    default:
      return action.units;
  }
}

function fitsTransaction({ when, then }: Transaction, request: Request): boolean {
  if (Math.max(when.length, then.length) > MAX_OPERATIONS) return false;
  const texts = [JSON.stringify(request), ...then.map((operation) => (operation.kind === "put" ? operation.json : ""))];
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0) <= MAX_BYTES;
}

function tooMany(request: Request): Problem {
  return {
    code: "USAGE",
    message: `${subjectsOf(request).length} units are more than one ${request.action.verb} can change at once`,
    why: `a request is committed whole or not at all, and etcd takes ${MAX_OPERATIONS} changes and 1.4 MB in one transaction`,
    try: "name fewer units, e.g. 50 at a time",
  };
}
