import { Hono } from "hono";
import type { Platform } from "../platform.ts";
import { addCommandRoutes } from "./command-routes.ts";
import { ControlError } from "./control-error.ts";
import { addEventRoutes } from "./event-routes.ts";
import { addViewRoutes } from "./view-routes.ts";
import { addWorkspaceRoutes } from "./workspace-routes.ts";

/** The control API `/sandbox/*`, for the page, scripts and tests. Loopback only. */
export function controlRoutes(platform: Platform, signal: AbortSignal): Hono {
  const app = new Hono();
  addCommandRoutes(app, platform);
  addViewRoutes(app, platform);
  addWorkspaceRoutes(app, platform);
  addEventRoutes(app, platform, signal);
  return app;
}

/** Turns what a route threw into an answer; what is not a refusal is a fault of ours and says so. */
export function answerError(error: Error): Response {
  if (error instanceof ControlError)
    return Response.json(
      { error: { code: error.code, message: error.message, try: error.wayOut } },
      { status: error.status },
    );
  process.stderr.write(`error[INTERNAL]: ${error.stack ?? error.message}\n`);
  return Response.json({ error: { code: "INTERNAL", message: error.message } }, { status: 500 });
}
