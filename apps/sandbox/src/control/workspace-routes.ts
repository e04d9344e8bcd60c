import { assertNever } from "@quarterdeck/model";
import type { Hono } from "hono";
import type { Platform } from "../platform.ts";
import type { FaultKind } from "../workspace/faults.ts";
import { bodyOf } from "./control-error.ts";
import { channelsBody, faultBody, groupsBody, usersBody } from "./decode.ts";

/** How long the `delay` fault holds an envelope, unless told. */
const DELAY_MS = 1_000;

/** The people and channels of the workspace, its faults and its log. */
export function addWorkspaceRoutes(app: Hono, { workspace, hub }: Platform): void {
  const { directory, faults, journal, bus } = workspace;

  app.get("/sandbox/users", (context) => context.json(directory.users));
  app.put("/sandbox/users", async (context) => {
    directory.putUsers(await bodyOf(context, usersBody));
    bus.publish({ type: "directory" });
    return context.json(directory.users);
  });

  app.get("/sandbox/groups", (context) => context.json(directory.groups));
  app.put("/sandbox/groups", async (context) => {
    directory.putGroups(await bodyOf(context, groupsBody));
    bus.publish({ type: "directory" });
    return context.json(directory.groups);
  });

  app.get("/sandbox/channels", (context) => context.json(directory.channels));
  app.put("/sandbox/channels", async (context) => {
    directory.putChannels(await bodyOf(context, channelsBody));
    bus.publish({ type: "directory" });
    return context.json(directory.channels);
  });

  app.get("/sandbox/faults", (context) => context.json(faults.armed));
  app.post("/sandbox/faults", async (context) => {
    const { kind, count, ms = DELAY_MS } = await bodyOf(context, faultBody);
    journal.record({ kind: "fault", name: kind });
    inject(kind, count, ms);
    return context.json(faults.armed);
  });

  app.get("/sandbox/log", (context) => context.json(journal.entries));

  function inject(kind: FaultKind, count: number | undefined, ms: number): void {
    switch (kind) {
      case "disconnect":
        return hub.cut(count ?? Infinity);
      case "refresh":
        return hub.refresh(count ?? Infinity);
      case "revoke-token":
        return faults.arm(kind, count ?? Infinity, ms);
      case "duplicate":
      case "delay":
      case "drop-ack":
      case "rate-limit":
      case "server-error":
      case "expire-triggers":
      case "reorder":
        return faults.arm(kind, count ?? 1, ms);
      default:
        return assertNever(kind);
    }
  }
}
