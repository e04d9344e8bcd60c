import type { Json } from "../workspace/json.ts";

/** What goes down the socket, before it is known which one. */
export type Envelope = {
  readonly type: "slash_commands" | "interactive" | "events_api";
  /** Whether the acknowledgement may carry an answer. */
  readonly acceptsResponse: boolean;
  /** The payload for a bot that reached the sandbox at `base`; URLs in it start with that. */
  readonly payload: (base: string) => Json;
};

/** What came back in time, or Slack's word for what did not. `ackMs` counts from the person's act. */
export type Delivery =
  | { readonly ok: true; readonly ackMs: number; readonly ack: unknown }
  | { readonly ok: false; readonly ackMs: number; readonly error: "operation_timeout" | "dispatch_failed" };
