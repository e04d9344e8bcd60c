import { connect } from "node:net";
import { CodedError } from "@quarterdeck/model";
import type { ClusterAccess } from "./read-context.ts";

/** Long enough for a far-away cluster, short enough for somebody who waits. */
const PROBE_MS = 2000;

/**
 * Knocks on every endpoint at once and returns when the first one opens, so that a cluster that is not there is told in seconds.
 *
 * @throws {CodedError} UNREACHABLE, with each endpoint's answer
 */
export async function probeEndpoints(access: ClusterAccess, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal, AbortSignal.timeout(PROBE_MS)]);
  try {
    await Promise.any(access.endpoints.map((endpoint) => knock(endpoint, stop)));
  } catch (error) {
    signal.throwIfAborted();
    const answers =
      error instanceof AggregateError
        ? error.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one)))
        : [String(error)];
    throw new CodedError(
      "UNREACHABLE",
      { message: `the cluster ${access.name} does not answer`, why: answers.join("; "), try: access.hint },
      { cause: error },
    );
  } finally {
    over.abort();
  }
}

async function knock(endpoint: string, signal: AbortSignal): Promise<void> {
  const url = new URL(endpoint);
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port });
  const give = (): void => reject(new Error(`${endpoint}: no answer in ${PROBE_MS / 1000} s`));
  signal.addEventListener("abort", give, { once: true });
  socket.once("connect", () => resolve());
  socket.once("error", (error: NodeJS.ErrnoException) =>
    reject(new Error(`${endpoint}: ${error.code ?? error.message}`, { cause: error })),
  );
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", give);
    socket.destroy();
  }
}
