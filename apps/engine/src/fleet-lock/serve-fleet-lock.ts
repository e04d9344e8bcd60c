import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { TLSSocket } from "node:tls";
import { listen } from "@quarterdeck/daemon";
import { principalSchema, problemOf } from "@quarterdeck/model";
import type { EngineLog } from "../ports.ts";
import { failureOf, refusal, type FleetLockAnswer } from "./fleet-lock-answer.ts";
import { parseBody, parseHead, type FleetLockQuestion } from "./parse-question.ts";

export type FleetLockOptions = {
  readonly port: number;
  /** The one address to listen on; `null` for all of them. */
  readonly address: string | null;
  /** PEM text: the authority of clients' certificates, the engine's own certificate and key. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** `peer`: the name in the client's certificate, null where it sent none. */
  readonly answer: (
    asked: { readonly question: FleetLockQuestion; readonly peer: string | null },
    signal: AbortSignal,
  ) => Promise<FleetLockAnswer>;
  readonly log: EngineLog;
};

/** What a question is long at most, in bytes; Zincati's are of a hundred. */
const MAX_BODY_BYTES = 4096;
/** Questions that are held at one time; more machines than ever ask at once, and each is cheap. */
const MAX_HELD = 128;

/**
 * FleetLock over HTTPS. Zincati cannot send a certificate, so none is asked of a client; but one that is sent has to be of our authority, and then
 * binds. `port` is the one it got when 0 was asked for.
 */
export async function serveFleetLock({
  port,
  address,
  tls,
  answer,
  log,
}: FleetLockOptions): Promise<AsyncDisposable & { readonly port: number }> {
  let held = 0;
  const server = createServer(
    { ...tls, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.2" },
    (request, response) => {
      held += 1;
      void exchange({ request, response, answer, log, isBusy: held > MAX_HELD }).finally(() => (held -= 1));
    },
  );
  server.headersTimeout = 5000;
  server.requestTimeout = 10_000;
  server.maxHeadersCount = 50;
  server.maxConnections = 2 * MAX_HELD;
  return listen(server, { port, address });
}

type Exchange = Pick<FleetLockOptions, "answer" | "log"> & {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly isBusy: boolean;
};

async function exchange({ request, response, answer, log, isBusy }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const answered = await (
    isBusy ? Promise.resolve(refusal(503, "busy", "too many questions at once")) : ask(request, answer, gone.signal)
  ).catch((error: unknown) => {
    if (!gone.signal.aborted) log.warn(problemOf(error), "a question of FleetLock could not be answered");
    return failureOf(error);
  });
  if (gone.signal.aborted) return;
  const { status, kind, value } = answered;
  // What was not read of the body must not be taken for the next question.
  if (!request.complete) response.setHeader("connection", "close");
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify({ kind, value })}\n`);
}

async function ask(
  request: IncomingMessage,
  answer: FleetLockOptions["answer"],
  signal: AbortSignal,
): Promise<FleetLockAnswer> {
  const head = parseHead({
    method: request.method ?? "",
    url: request.url ?? "",
    protocol: request.headers["fleet-lock-protocol"],
  });
  if (!head.ok) return head.error;
  const peer = peerOf(request);
  if (peer === "unknown") return refusal(403, "bad_certificate", "the certificate that was sent is of no machine here");
  const bytes = await readBody(request);
  if (bytes === null) return refusal(413, "too_large", `a question has ${MAX_BODY_BYTES} bytes at most`);
  const body = parseBody(bytes);
  return body.ok ? answer({ question: { step: head.value, ...body.value }, peer }, signal) : body.error;
}

/** Null where there was no certificate. */
function peerOf({ socket }: IncomingMessage): string | null {
  if (!(socket instanceof TLSSocket)) return "unknown";
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  if (name === undefined && socket.getPeerX509Certificate() === undefined) return null;
  const principal = principalSchema.safeParse(name);
  return socket.authorized && principal.success ? principal.data : "unknown";
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return null;
  const chunks: Buffer[] = [];
  let length = 0;
  // To end the loop must not end the connection: the answer goes by it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
