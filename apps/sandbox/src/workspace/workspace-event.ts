import type { Message } from "./message.ts";

/** What happened in the workspace; the page follows these, and so do calls that wait. */
export type WorkspaceEvent =
  | { readonly type: "message"; readonly message: Message }
  | { readonly type: "deleted"; readonly channel: string; readonly ts: string }
  | { readonly type: "views"; readonly user: string }
  | { readonly type: "home"; readonly user: string }
  | { readonly type: "directory" }
  | { readonly type: "connections"; readonly count: number }
  | { readonly type: "interaction"; readonly id: string };
