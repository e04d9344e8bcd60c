import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls } from "node:tls";
import { CodedError } from "@quarterdeck/model";
import type { ClusterAccess } from "./read-context.ts";

/** Long enough for a far-away cluster, short enough for somebody who waits. */
const PROBE_MS = 2000;

/**
 * Knocks on every endpoint at once and returns when the first one opens, so that a cluster that is not there, or is another one, is told in
 * seconds. Who does not answer the greeting in that time is left to etcd's client.
 *
 * @throws {CodedError} UNREACHABLE, with each endpoint's answer · INVALID_CERTIFICATE when etcd's is signed by another authority
 */
export async function probeEndpoints(access: ClusterAccess, signal: AbortSignal): Promise<void> {
  const tls = await readTls(access);
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal, AbortSignal.timeout(PROBE_MS)]);
  try {
    await Promise.any(access.endpoints.map((endpoint) => knock(endpoint, tls, stop)));
  } catch (error) {
    signal.throwIfAborted();
    const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    const foreign = errors.find((one) => one instanceof CodedError);
    if (foreign !== undefined) throw foreign;
    const answers = errors.map((one) => (one instanceof Error ? one.message : String(one)));
    throw new CodedError(
      "UNREACHABLE",
      { message: `the cluster ${access.name} does not answer`, why: answers.join("; "), try: access.hint },
      { cause: error },
    );
  } finally {
    over.abort();
  }
}

/** PEM: the authority, and who we are, for etcd logs every greeting without it. */
type Tls = { readonly ca: string; readonly cert: string; readonly key: string };

/** `null` when a file cannot be read: etcd's client says which and why. */
async function readTls({ tls }: ClusterAccess): Promise<Tls | null> {
  const read = (path: string): Promise<string | null> => readFile(path, "utf8").catch(() => null);
  const [ca, cert, key] = await Promise.all([read(tls.ca), read(tls.cert), read(tls.key)]);
  return ca === null || cert === null || key === null ? null : { ca, cert, key };
}

async function knock(endpoint: string, tls: Tls | null, signal: AbortSignal): Promise<void> {
  const url = new URL(endpoint);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port });
  let opened = false;
  const give = (): void => (opened ? resolve() : reject(new Error(`${endpoint}: no answer in ${PROBE_MS / 1000} s`)));
  signal.addEventListener("abort", give, { once: true });
  socket.once("connect", () => {
    opened = true;
    if (tls === null || url.protocol !== "https:") resolve();
    else greet(socket, host, tls).then(resolve, (error: unknown) => reject(foreignCertificate(endpoint, error)));
  });
  socket.once("error", (error: NodeJS.ErrnoException) =>
    opened ? resolve() : reject(new Error(`${endpoint}: ${error.code ?? error.message}`, { cause: error })),
  );
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", give);
    socket.destroy();
  }
}

/** Ends well unless the certificate that etcd shows is not to be trusted; all else its client will tell. */
async function greet(socket: Socket, host: string, tls: Tls): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const greeting = connectTls({
    ...tls,
    socket,
    // An address is no server name; the certificate is held to it all the same.
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
  });
  greeting.once("secureConnect", () => resolve());
  greeting.once("close", () => resolve());
  greeting.once("error", (error: NodeJS.ErrnoException) =>
    UNTRUSTED.test(error.code ?? "") ? reject(error) : resolve(),
  );
  await promise;
}

/** OpenSSL's and Node's names for a chain that does not end at our authority, or is not of this address or time. */
const UNTRUSTED = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_ALTNAME_INVALID)/;

function foreignCertificate(endpoint: string, error: unknown): CodedError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const what = /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/.test(code)
    ? "shows a certificate that is not valid now"
    : code === "ERR_TLS_CERT_ALTNAME_INVALID"
      ? "shows a certificate of another machine"
      : "is signed by another authority";
  return new CodedError(
    "INVALID_CERTIFICATE",
    {
      message: `etcd at ${endpoint} ${what}`,
      why: `the context's ca did not sign it (${code})`,
      try: "npm start writes the context local anew; or fleet --context NAME",
    },
    { cause: error },
  );
}
