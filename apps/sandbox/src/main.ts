import { once } from "node:events";
import type { HttpBindings } from "@hono/node-server";
import { ERROR_CODES, problemOf } from "@quarterdeck/model";
import type { Hono } from "hono";
import { controlRoutes } from "./control/control-routes.ts";
import { listen, type Listening } from "./http/listen.ts";
import { labRoutes } from "./lab/lab-routes.ts";
import { buildPage } from "./page/build-page.ts";
import { pageRoutes } from "./page/page-routes.ts";
import type { Platform } from "./platform.ts";
import { parseSandboxOptions, type SandboxOptions } from "./sandbox-options.ts";
import { SocketHub } from "./socket/socket-hub.ts";
import { Tickets } from "./socket/tickets.ts";
import { webApiRoutes } from "./web-api/web-api-routes.ts";
import { keepMessages } from "./workspace/keep-messages.ts";
import { createWorkspace } from "./workspace/workspace.ts";

/** Slack's deadline for acknowledgements. */
const ACK_TIMEOUT_MS = 3_000;

const LOOPBACK = "127.0.0.1";

/** A running sandbox; `url` is the page's address, without a slash at the end. */
export type Sandbox = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly bridgeUrl: string | undefined;
};

/** Starts the stand-in for Slack. It runs until disposed or until `signal` fires. @throws {CodedError} ALREADY_RUNNING */
export async function startSandbox(options: SandboxOptions, signal: AbortSignal): Promise<Sandbox> {
  await using starting = new AsyncDisposableStack();
  const stop = new AbortController();
  starting.defer(() => stop.abort());
  const workspace = createWorkspace(Date.now);
  if (options.stateDirectory !== undefined) await keepMessages(options.stateDirectory, workspace, stop.signal);
  const hub = starting.use(new SocketHub(workspace, options.ackTimeoutMs ?? ACK_TIMEOUT_MS));
  const platform: Platform = { workspace, hub, options, tickets: new Tickets(workspace.ids, workspace.now) };
  const door = (address: string, port: number, names: readonly string[], app: Hono<{ Bindings: HttpBindings }>) =>
    listen({
      app,
      address,
      port,
      names,
      redeem: (ticket) => platform.tickets.redeem(ticket),
      onSocket: (socket, base) => hub.accept(socket, base),
    });
  const inside = webApiRoutes(platform)
    .route("/", controlRoutes(platform, stop.signal))
    .route("/", labRoutes(options.labSocket, stop.signal))
    .route("/", await pageRoutes(options.pageDirectory));
  const loopback: Listening = starting.use(await door(LOOPBACK, options.port, ["localhost"], inside));
  if (options.bridge !== undefined) starting.use(await door(options.bridge, loopback.port, [], webApiRoutes(platform)));
  const running = starting.move();
  signal.addEventListener("abort", () => void running.disposeAsync(), { once: true });
  return {
    port: loopback.port,
    url: `http://${LOOPBACK}:${loopback.port}`,
    bridgeUrl: options.bridge === undefined ? undefined : `http://${options.bridge}:${loopback.port}`,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Runs a sandbox from the command line until SIGINT or SIGTERM. Resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  try {
    const options = parseSandboxOptions(argv);
    const pageDirectory = await buildPage(stop.signal);
    await using sandbox = await startSandbox({ ...options, pageDirectory }, stop.signal);
    process.stdout.write(`sandbox listens on ${sandbox.url}\nsandbox ready\n`);
    if (!stop.signal.aborted) await once(stop.signal, "abort");
    return 0;
  } catch (error) {
    const { code, message, why, try: advice } = problemOf(error);
    const lines = [`error[${code}]: ${message}`, why && `why: ${why}`, advice && `try: ${advice}`];
    process.stderr.write(`${lines.filter(Boolean).join("\n")}\n`);
    return ERROR_CODES[code].exitCode;
  }
}
