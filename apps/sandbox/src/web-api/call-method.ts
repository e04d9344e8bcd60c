import type { Diagnostic } from "@quarterdeck/blocks";
import { SCOPES } from "../workspace/identity.ts";
import { textOf } from "../workspace/json.ts";
import { type ApiCall, type ApiMethod, type ApiReply, refuse } from "./api-call.ts";
import { AUTH_METHODS } from "./auth-methods.ts";
import { CHAT_METHODS } from "./chat-methods.ts";
import { HISTORY_METHODS } from "./history-methods.ts";
import { PEOPLE_METHODS } from "./people-methods.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { VIEW_METHODS } from "./view-methods.ts";

const METHODS = new Map(
  Object.entries({ ...AUTH_METHODS, ...CHAT_METHODS, ...HISTORY_METHODS, ...PEOPLE_METHODS, ...VIEW_METHODS }),
);

/** chat.postMessage: about one a second and channel, with short bursts. */
const POST = { perMinute: 60, burst: 20 };

/** What goes back over HTTP: the status, Slack's body, and how long to wait when there were too many calls. */
export type ApiOutcome = {
  readonly status: 200 | 429 | 503;
  readonly reply: ApiReply;
  readonly retryAfterSeconds?: number;
  readonly violations: readonly Diagnostic[];
};

/** Runs one method as Slack does: faults first, then token, scope, rate, and the method itself. */
export function callMethod(name: string, token: string, call: ApiCall, limiter: RateLimiter): ApiOutcome {
  const { faults } = call.workspace;
  if (faults.take("server-error")) return { status: 503, reply: refuse("service_unavailable"), violations: [] };
  const limited = faults.take("rate-limit");
  if (limited !== undefined) return tooMany(Math.max(1, Math.ceil(limited.ms / 1000)));
  const method = METHODS.get(name);
  const refused =
    method === undefined ? refuse("unknown_method", { req_method: name }) : refuseToken(method, token, call);
  if (method === undefined || refused !== undefined)
    return { status: 200, reply: refused ?? refuse("unknown_method"), violations: [] };
  const wait =
    limiter.take(name, { perMinute: method.perMinute, burst: method.perMinute }) || postWait(name, call, limiter);
  if (wait > 0) return tooMany(wait);
  const { violations, ...reply } = { violations: [], ...method.handle(call) } as ApiReply & {
    violations: readonly Diagnostic[];
  };
  return { status: 200, reply: { ...reply, ok: reply.ok }, violations };
}

function tooMany(retryAfterSeconds: number): ApiOutcome {
  return { status: 429, reply: refuse("ratelimited"), retryAfterSeconds, violations: [] };
}

function postWait(name: string, { args }: ApiCall, limiter: RateLimiter): number {
  return name === "chat.postMessage" ? limiter.take(`${name} ${textOf(args, "channel") ?? ""}`, POST) : 0;
}

function refuseToken(
  { token: kind, scope }: ApiMethod,
  token: string,
  { workspace, options }: ApiCall,
): ApiReply | undefined {
  if (token === "") return refuse("not_authed");
  if (workspace.faults.take("revoke-token")) return refuse("token_revoked");
  if (token !== options.botToken && token !== options.appToken) return refuse("invalid_auth");
  if (token !== (kind === "bot" ? options.botToken : options.appToken)) return refuse("not_allowed_token_type");
  if (scope !== undefined && !SCOPES.includes(scope))
    return refuse("missing_scope", { needed: scope, provided: SCOPES.join(",") });
  return undefined;
}
