import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { Credentials } from "../connection/read-credentials.ts";

/** What a member answered over HTTP. */
export type MemberAnswer = {
  readonly status: number;
  readonly body: string;
  /** When the question left, when the answer arrived, and the clock of who sent it (in whole seconds; null when it did not say), milliseconds since the epoch. */
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly theirClock: number | null;
};

/** How far a connection came that brought no answer, and Node's words about it. */
export type MemberSilence = { readonly failedAt: "name" | "tcp" | "tls" | "etcd"; readonly said: string };

/** What is said of a member that says nothing for as long as one waits. */
export const NO_ANSWER = "no answer";

/** More than a busy member's metrics; whoever sends more is no etcd. */
const LIMIT_BYTES = 8 * 1024 * 1024;

/** The HTTP side of a member's client port, with the client's certificate: `/health`, `/version`, `/metrics` want no permission in etcd. */
export class MemberHttp implements Disposable {
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(endpoint: string, credentials: Credentials | null) {
    this.#url = new URL(endpoint);
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent =
      credentials === null
        ? new HttpAgent(options)
        : // Without a server name Node holds the certificate to the address; an address as a server name it refuses.
          new HttpsAgent({
            ...options,
            ca: credentials.ca,
            cert: credentials.cert,
            key: credentials.key,
            servername: "",
          });
  }

  /** Never throws but for the signal. */
  async get(path: string, timeoutMs: number, signal: AbortSignal): Promise<MemberAnswer | MemberSilence> {
    const progress = { connected: false, secured: false };
    try {
      return await this.#ask(path, progress, { timeoutMs, signal });
    } catch (error) {
      signal.throwIfAborted();
      const said = error instanceof Error ? `${"code" in error ? String(error.code) : ""} ${error.message}` : "";
      return { failedAt: stageOf(said, progress), said: said.trim() };
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #ask(
    path: string,
    progress: { connected: boolean; secured: boolean },
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<MemberAnswer> {
    const secure = this.#url.protocol === "https:";
    const { promise, resolve, reject } = Promise.withResolvers<MemberAnswer>();
    const askedAt = Date.now();
    const request = (secure ? httpsRequest : httpRequest)(new URL(path, this.#url), { agent: this.#agent, signal });
    const timer = setTimeout(() => request.destroy(new Error(NO_ANSWER)), timeoutMs);
    request.on("socket", (socket: Socket) => {
      const secured = (): void => void (progress.secured = true);
      const connected = (): void => {
        progress.connected = true;
        if (!secure) secured();
      };
      // A socket that was kept alive has all that behind it.
      if (socket.connecting) socket.once("connect", connected).once("secureConnect", secured);
      else progress.connected = progress.secured = true;
    });
    request.on("error", reject);
    request.on("response", (response) => void read(response, askedAt).then(resolve, reject));
    request.end();
    return promise.finally(() => clearTimeout(timer));
  }
}

function stageOf(
  said: string,
  { connected, secured }: { readonly connected: boolean; readonly secured: boolean },
): MemberSilence["failedAt"] {
  if (!connected) return /ENOTFOUND|EAI_AGAIN/.test(said) ? "name" : "tcp";
  // TLS 1.3 lets the client go on before the server has looked at its certificate: an alert comes afterwards.
  return secured && !/alert/i.test(said) ? "etcd" : "tls";
}

async function read(response: IncomingMessage, askedAt: number): Promise<MemberAnswer> {
  const answeredAt = Date.now();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT_BYTES) throw new Error("no etcd answers so much");
    chunks.push(chunk);
  }
  const date = Date.parse(response.headers.date ?? "");
  return {
    status: response.statusCode ?? 0,
    body: Buffer.concat(chunks).toString("utf8"),
    askedAt,
    answeredAt,
    theirClock: Number.isNaN(date) ? null : date,
  };
}
