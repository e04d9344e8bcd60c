import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { TLSSocket } from "node:tls";
import { listen, type Logger } from "@quarterdeck/daemon";
import { problemOf } from "@quarterdeck/model";
import { authorisePeer } from "./authorise-peer.ts";
import { failure, failureOf, handleRequest, type AgentReads, type Answer } from "./handle-request.ts";

export type HttpOptions = {
  readonly port: number;
  /** The one address to listen on; `null` for all of them. */
  readonly address: string | null;
  /** PEM text. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly reads: AgentReads;
  readonly log: Logger;
};

/** Listens for clients with a certificate of our CA. `port` is the one it got when 0 was asked for. */
export async function serveHttp({
  port,
  address,
  tls,
  reads,
  log,
}: HttpOptions): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(
    { ...tls, requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.2" },
    (request, response) => {
      void answer({ request, response, reads, log });
    },
  );
  server.headersTimeout = 5000;
  server.requestTimeout = 10_000;
  server.on("tlsClientError", (error) =>
    log.debug({ message: error.message }, "a client without a valid certificate was turned away"),
  );
  return listen(server, { port, address });
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly reads: AgentReads;
  readonly log: Logger;
};

async function answer({ request, response, reads, log }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  try {
    const principal = request.socket instanceof TLSSocket ? authorisePeer(request.socket) : null;
    const answered: Answer =
      principal === null
        ? failure(403, {
            code: "FORBIDDEN",
            message: "this certificate may not read a machine",
            whoCanFix: "whoever issues operator certificates",
          })
        : await handleRequest({ method: request.method ?? "", url: request.url ?? "/" }, reads, gone.signal).catch(
            failureOf,
          );
    if ("lines" in answered) await stream(response, answered, gone.signal);
    else if ("text" in answered)
      response.writeHead(answered.status, { "content-type": answered.contentType }).end(answered.text);
    else
      response
        .writeHead(answered.status, { "content-type": "application/json" })
        .end(`${JSON.stringify(answered.body)}\n`);
  } catch (error) {
    if (!gone.signal.aborted) log.warn(problemOf(error), "an answer broke off");
    response.destroy();
  }
}

/** Without `follow` the head goes out with the first line, so that a journalctl that fails at once is still an error status. */
async function stream(
  response: ServerResponse,
  { lines, follow, contentType }: Extract<Answer, { lines: unknown }>,
  gone: AbortSignal,
): Promise<void> {
  const head = () => response.writeHead(200, { "content-type": contentType }).flushHeaders();
  if (follow) head();
  try {
    for await (const line of lines) {
      if (!response.headersSent) head();
      // A reader that is slow, or has stopped, is waited for here: nothing more is read of the journal until it takes what there is.
      if (!response.write(`${line}\n`)) await once(response, "drain", { signal: gone });
    }
  } catch (error) {
    if (response.headersSent) throw error;
    response
      .writeHead(500, { "content-type": "application/json" })
      .end(`${JSON.stringify({ error: problemOf(error) })}\n`);
    return;
  }
  if (!response.headersSent) head();
  response.end();
}
