import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { CodedError } from "@quarterdeck/model";
import { Hono } from "hono";
import { type WebSocket, WebSocketServer } from "ws";
import { answerError } from "../control/control-routes.ts";
import { socketBase } from "./base-of.ts";
import { isTrusted } from "./is-trusted.ts";

/** What one address serves. */
export type Listener = {
  readonly app: Hono<{ Bindings: HttpBindings }>;
  readonly address: string;
  readonly port: number;
  /** Names the address is asked by, beside itself. */
  readonly names: readonly string[];
  /** Decides about a WebSocket by its ticket. */
  readonly redeem: (ticket: string) => boolean;
  readonly onSocket: (socket: WebSocket, base: string) => void;
};

/** A listening server; disposing it cuts every connection. */
export type Listening = AsyncDisposable & { readonly port: number };

/** Serves HTTP and WebSocket on one address. @throws {CodedError} ALREADY_RUNNING when the port is taken, SETUP_FAILED when it cannot be. */
export async function listen(listener: Listener): Promise<Listening> {
  const { app, address, names } = listener;
  const hosts: string[] = [];
  const trusted = (request: IncomingMessage) =>
    isTrusted({ host: request.headers.host, origin: request.headers.origin }, hosts);
  const gate = new Hono<{ Bindings: HttpBindings }>();
  gate.use(async (context, next) => {
    if (trusted(context.env.incoming)) return next();
    return context.json({ ok: false, error: "forbidden_host" }, 403);
  });
  gate.route("/", app).onError(answerError);
  const server = createAdaptorServer({ fetch: gate.fetch }) as Server;
  const sockets = acceptSockets(server, listener, trusted);
  server.listen(listener.port, address);
  await listening(server, listener);
  const { port } = server.address() as AddressInfo;
  hosts.push(...[address, ...names].map((name) => `${name}:${port}`));
  return {
    port,
    async [Symbol.asyncDispose]() {
      sockets.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function acceptSockets(
  server: Server,
  { redeem, onSocket }: Listener,
  trusted: (request: IncomingMessage) => boolean,
): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  server.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url ?? "/", "http://sandbox");
    const good = url.pathname.startsWith("/link") && trusted(request) && redeem(url.searchParams.get("ticket") ?? "");
    if (!good) return void socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
    const base = socketBase(request);
    sockets.handleUpgrade(request, socket, head, (webSocket) => onSocket(webSocket, base));
  });
  return sockets;
}

async function listening(server: Server, { address, port }: Listener): Promise<void> {
  try {
    await once(server, "listening");
  } catch (cause) {
    const taken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    const [code, why] = taken
      ? (["ALREADY_RUNNING", "the port is taken"] as const)
      : (["SETUP_FAILED", String(cause)] as const);
    const advice = taken ? { try: "QUARTERDECK_PORT=<another port> npm start" } : {};
    throw new CodedError(code, { message: `cannot listen on ${address}:${port}`, why, ...advice }, { cause });
  }
}
