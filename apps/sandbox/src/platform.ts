import type { SandboxOptions } from "./sandbox-options.ts";
import type { SocketHub } from "./socket/socket-hub.ts";
import type { Tickets } from "./socket/tickets.ts";
import type { Workspace } from "./workspace/workspace.ts";

/** The workspace and the ways to and from it; what every route is given. */
export type Platform = {
  readonly workspace: Workspace;
  readonly hub: SocketHub;
  readonly tickets: Tickets;
  readonly options: SandboxOptions;
};
