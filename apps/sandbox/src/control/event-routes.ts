import type { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { Platform } from "../platform.ts";
import { follow } from "../workspace/bus.ts";
import type { WorkspaceEvent } from "../workspace/workspace-event.ts";

/** `GET /sandbox/events`: everything that changes in the workspace, as server-sent events, until the reader leaves or `signal` fires. */
export function addEventRoutes(app: Hono, { workspace, hub }: Platform, signal: AbortSignal): void {
  app.get("/sandbox/events", (context) =>
    streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const send = (event: WorkspaceEvent) => stream.writeSSE({ data: JSON.stringify(event) });
      const events = follow(workspace.bus, AbortSignal.any([signal, gone.signal]));
      await send({ type: "connections", count: hub.connected });
      for await (const event of events) await send(event);
    }),
  );
}
