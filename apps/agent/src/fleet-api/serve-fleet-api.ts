import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Logger } from "@quarterdeck/daemon";
import { problemOf } from "@quarterdeck/model";
import { version } from "../version.ts";
import { failure, failureOf, type Answer } from "./answer.ts";
import { isLocalRequest } from "./is-local-request.ts";
import type { FleetApi } from "./ports.ts";
import { routeRequest } from "./route-request.ts";

/** Where to listen. A socket file that is there is taken for one that a former agent left. */
export type FleetListener =
  | { readonly kind: "socket"; readonly path: string; secure(path: string): Promise<void> }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

export type ServeOptions = {
  readonly api: FleetApi;
  readonly listeners: readonly FleetListener[];
  readonly log: Logger;
};

/** Longer than any unit's text, as JSON, can be. */
const MOST_BODY_BYTES = 2 * 1024 * 1024;

/** Serves fleet's API until it is disposed; `ports` are those of the TCP listeners, in order. */
export async function serveFleetApi({
  api,
  listeners,
  log,
}: ServeOptions): Promise<AsyncDisposable & { readonly ports: readonly number[] }> {
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };
  try {
    for (const listener of listeners) {
      const server = createFor(listener, { api, log });
      servers.push(server);
      await listen(server, listener);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const ports = servers.flatMap((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? [address.port] : [];
  });
  return { ports, [Symbol.asyncDispose]: close };
}

function createFor(listener: FleetListener, { api, log }: Pick<ServeOptions, "api" | "log">): Server {
  const server = createServer((request, response) => {
    const trusted = listener.kind === "socket" || isLocalRequest(request.headers);
    void answer({ request, response, api, trusted, log });
  });
  server.headersTimeout = 5000;
  server.requestTimeout = 10_000;
  return server;
}

async function listen(server: Server, listener: FleetListener): Promise<void> {
  if (listener.kind === "tcp") server.listen(listener.port, listener.host);
  else {
    await rm(listener.path, { force: true });
    server.listen(listener.path);
  }
  await once(server, "listening");
  if (listener.kind === "socket") await listener.secure(listener.path);
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly api: FleetApi;
  readonly trusted: boolean;
  readonly log: Logger;
};

async function answer({ request, response, api, trusted, log }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  try {
    const body = await readBody(request);
    const asked = {
      method: request.method ?? "",
      url: request.url ?? "/",
      contentTypes: contentTypesOf(request),
      body: body ?? "",
    };
    const answered = !trusted
      ? failure(403, "a page of a browser may not speak to fleet's API")
      : body === null
        ? failure(413, `the body is longer than ${MOST_BODY_BYTES} bytes`)
        : await routeRequest(api, asked, gone.signal).catch((error: unknown) => failed(error, { asked, log, gone }));
    send(response, answered);
  } catch (error) {
    if (!gone.signal.aborted) log.warn(problemOf(error), "an answer of fleet's API broke off");
    response.destroy();
  }
}

type Failed = {
  readonly asked: { readonly method: string; readonly url: string };
  readonly log: Logger;
  readonly gone: AbortController;
};

function failed(error: unknown, { asked, log, gone }: Failed): Answer {
  const answered = failureOf(error);
  if (answered.status >= 500 && !gone.signal.aborted)
    log.warn({ ...problemOf(error), method: asked.method, url: asked.url.slice(0, 300) }, "fleet's API failed");
  return answered;
}

function send(response: ServerResponse, answered: Answer): void {
  // fleet's clients may look for fleetd; the rest says what it really is.
  response.setHeader("server", `fleetd/1.0.0 quarterdeck/${version}`);
  if ("text" in answered) response.writeHead(200, { "content-type": answered.contentType }).end(answered.text);
  else if (answered.body === null) response.writeHead(answered.status).end();
  else response.writeHead(answered.status, { "content-type": "application/json" }).end(JSON.stringify(answered.body));
}

/** All of it as UTF-8; `null` when it is too long, what is left of it read away so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MOST_BODY_BYTES) chunks.push(chunk);
    else if (length > 4 * MOST_BODY_BYTES) request.destroy();
  }
  return length > MOST_BODY_BYTES ? null : Buffer.concat(chunks).toString("utf8");
}

/** `headers` keeps one of several. */
function contentTypesOf({ rawHeaders }: IncomingMessage): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === "content-type");
}
