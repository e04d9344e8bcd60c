import { claimRequest, progressRequest, ranges, type Entry } from "@quarterdeck/etcd";
import { problemOf, type Problem, type Request } from "@quarterdeck/model";
import type { ClusterDeriver } from "./cluster-deriver.ts";
import { decideRequest, refuseRequest, type ForecastOf, type RequestDecision } from "./decide-request.ts";
import { forecastChange } from "./forecast-change.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import type { EngineLog } from "./ports.ts";
import type { RegistryDesk } from "./registry-desk.ts";
import { NOTHING, type Commit, type Pass, type Stage, type StageOutcome } from "./stage.ts";

export type RequestParts = {
  readonly desk: RegistryDesk;
  readonly derive: ClusterDeriver;
  readonly log: EngineLog;
  /** The leader's machine, which claims what has to wait. */
  readonly self: string;
};

/** Answers the oldest request that can be answered; those that wait for a registry let the others pass, and say what they wait for. */
export function createRequestStage({ desk, derive, log, self }: RequestParts): Stage {
  const reported = new Set<string>();
  const refusals = createRefusals();
  return {
    name: "requests",
    plan(pass) {
      const pending = pendingRequests(pass);
      desk.keepOnly(new Set(pending.map(({ path }) => path)));
      for (const { path, error } of pass.view.unreadable(ranges.requests)) {
        if (reported.has(path)) continue;
        reported.add(path);
        log.warn({ request: path, code: error.code, why: error.message }, "a request cannot be read and is left alone");
      }
      return answerFirst(pass, pending, { desk, derive, refusals, self });
    },
  };
}

type Desks = {
  readonly desk: RegistryDesk;
  readonly derive: ClusterDeriver;
  readonly refusals: Refusals;
  readonly self: string;
};

/** Answers that etcd would not take: the request is then refused, and left alone when even that cannot be written. */
type Refusals = {
  add(request: string, problem: Problem): void;
  of(request: string): Problem | null;
  isHopeless(request: string): boolean;
};

function createRefusals(): Refusals {
  const refused = new Map<string, Problem>();
  const hopeless = new Set<string>();
  return {
    add(request, problem) {
      if (refused.has(request)) hopeless.add(request);
      refused.set(request, problem);
    },
    of: (request) => refused.get(request) ?? null,
    isHopeless: (request) => hopeless.has(request),
  };
}

function answerFirst(
  pass: Pass,
  pending: readonly Entry<Request>[],
  { desk, derive, refusals, self }: Desks,
): StageOutcome {
  // Deploys of one service keep their order: a later one must not overtake one whose registry is slow.
  const waiting = new Set<string>();
  const claims: Commit[] = [];
  const wait = (entry: Entry<Request>, doing: string): void => {
    const claim = claimOf(entry, { doing, self, now: pass.now });
    if (claim !== null) claims.push(claim);
  };
  for (const entry of pending) {
    const { action } = entry.value;
    if (refusals.isHopeless(entry.path)) continue;
    if (action.verb === "deploy" && waiting.has(action.service)) {
      wait(entry, `waits for the deploy of ${action.service} before it`);
      continue;
    }
    const refused = refusals.of(entry.path);
    const decision =
      refused === null
        ? decide(pass, entry, { desk, derive })
        : refuseRequest(pass.view, entry, { problem: refused, now: pass.now, signer: pass.signer });
    if (decision.kind === "commit") {
      const onRefused = (problem: Problem): void => refusals.add(entry.path, problem);
      return { commits: [{ ...commitOf(entry, decision), onRefused }], dueAt: null };
    }
    if (action.verb !== "deploy") continue;
    waiting.add(action.service);
    const { repository, version } = decision;
    desk.ask(entry.path, { repository, version, allowTag: action.allowTag });
    wait(entry, `asks the registry for ${repository}:${version}`);
  }
  return claims.length === 0 ? NOTHING : { commits: claims, dueAt: null };
}

type Waiting = { readonly doing: string; readonly self: string; readonly now: number };

/** Null when the request says so already: it is written once for each thing that is waited for, and once by each leader. */
function claimOf(entry: Entry<Request>, { doing, self, now }: Waiting): Commit | null {
  const { claim } = entry.value;
  if (claim?.by === self && claim.doing === doing) return null;
  const at = formatTimestamp(now);
  const transaction =
    claim?.by === self ? progressRequest(entry, { doing, at }) : claimRequest(entry, { by: self, doing, at });
  return { transaction, message: "a request waits", fields: { request: entry.path, doing } };
}

/** A request that cannot even be decided is refused: left pending it would be met again by every pass and every leader. */
function decide(pass: Pass, entry: Entry<Request>, { desk, derive }: Pick<Desks, "desk" | "derive">): RequestDecision {
  const { view, now, signer } = pass;
  const forecast: ForecastOf = (change) => forecastChange(pass, change, derive);
  try {
    return decideRequest(view, entry, { answer: desk.answerTo(entry.path), forecast, now, signer });
  } catch (error) {
    return refuseRequest(view, entry, { problem: problemOf(error), now, signer });
  }
}

function pendingRequests({ view }: Pass): readonly Entry<Request>[] {
  return view
    .list(ranges.requests)
    .filter(({ value }) => value.outcome === null)
    .sort((a, b) => (a.createRevision < b.createRevision ? -1 : 1));
}

function commitOf(entry: Entry<Request>, decision: Extract<RequestDecision, { readonly kind: "commit" }>) {
  const { outcome } = decision;
  const said =
    outcome.kind === "applied"
      ? { outcome: outcome.reason.text }
      : { outcome: outcome.problem.message, code: outcome.problem.code };
  const fields = { request: entry.path, verb: entry.value.action.verb, ...said };
  return {
    transaction: decision.transaction,
    message: outcome.kind === "applied" ? "applied a request" : "refused a request",
    fields,
  };
}
