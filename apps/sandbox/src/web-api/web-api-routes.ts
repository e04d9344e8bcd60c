import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { respond } from "../dispatch/respond.ts";
import { baseOf } from "../http/base-of.ts";
import type { Platform } from "../platform.ts";
import { textOf } from "../workspace/json.ts";
import { callMethod } from "./call-method.ts";
import { parseArguments } from "./parse-arguments.ts";
import { RateLimiter } from "./rate-limiter.ts";

/** Slack's side that bots see: `/api/<method>` and `/response/<token>`. */
export function webApiRoutes(platform: Platform): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const limiter = new RateLimiter(platform.workspace.now);
  app.on(["GET", "POST"], "/api/:method", (context) => answerCall(context, platform, limiter));
  app.post("/response/:token", (context) => answerResponse(context, platform));
  return app;
}

type HttpContext = Context<{ Bindings: HttpBindings }>;

async function answerCall(context: HttpContext, platform: Platform, limiter: RateLimiter): Promise<Response> {
  const started = performance.now();
  const name = context.req.param("method") ?? "";
  const query = Object.fromEntries(new URL(context.req.url).searchParams);
  const body = parseArguments(context.req.header("content-type") ?? "", await context.req.text());
  const args = { ...query, ...body };
  const token = /^Bearer (.+)$/.exec(context.req.header("authorization") ?? "")?.[1] ?? textOf(args, "token") ?? "";
  const outcome =
    body === undefined
      ? ({ status: 200, reply: { ok: false, error: "invalid_json" }, violations: [] } as const)
      : callMethod(name, token, { ...platform, args, base: baseOf(context) }, limiter);
  const { status, reply, violations } = outcome;
  platform.workspace.journal.record({
    kind: "request",
    name,
    status,
    durationMs: Math.round(performance.now() - started),
    error: textOf(reply, "error"),
    violations,
  });
  const wait = "retryAfterSeconds" in outcome ? outcome.retryAfterSeconds : undefined;
  return context.json(reply, status, wait === undefined ? {} : { "retry-after": String(wait) });
}

async function answerResponse(context: HttpContext, { workspace }: Platform): Promise<Response> {
  const use = workspace.responseUrls.use(context.req.param("token") ?? "");
  const body = parseArguments(context.req.header("content-type") ?? "", await context.req.text());
  const outcome = !use.ok
    ? { ...use, violations: [] }
    : body === undefined
      ? ({ ok: false, error: "invalid_payload", violations: [] } as const)
      : respond(workspace, use.url, body);
  const error = outcome.ok ? undefined : outcome.error;
  const status = error === undefined ? 200 : use.ok ? 400 : 404;
  workspace.journal.record({
    kind: "response-url",
    name: "response_url",
    status,
    error,
    violations: outcome.ok ? [] : outcome.violations,
  });
  return error === undefined ? context.text("ok") : context.json({ ok: false, error }, status);
}
