import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";

/**
 * The address a client reached us at, e.g. `http://10.78.0.1:4646`: the socket's own, not what a header claims. URLs handed
 * to a bot start with it, because the bot can reach that one for certain.
 */
export function baseOf(context: Context<{ Bindings: HttpBindings }>): string {
  return socketBase(context.env.incoming);
}

/** As {@link baseOf}, for a bare request. */
export function socketBase(request: IncomingMessage): string {
  const { localAddress = "127.0.0.1", localPort = 0 } = request.socket;
  return `http://${localAddress.replace(/^::ffff:/, "")}:${localPort}`;
}
