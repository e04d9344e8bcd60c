import { connect } from "node:net";
import type { Problem } from "@quarterdeck/model";
import { connectionProblem, explainConnection } from "../connection/explain-connection.ts";

/** Whether somebody listens at an endpoint; no more can be told without a certificate. */
export type Knock = {
  readonly endpoint: string;
  /** Null when the connection came about. */
  readonly failedAt: "name" | "tcp" | null;
  readonly problem: Problem | null;
};

const ANSWER_MS = 2_000;
const ACTION = "knock";

/** Opens a connection to `http(s)://host:port` and closes it again; what is wrong is in the answer. Throws but for the signal. */
export async function knockMember(endpoint: string, signal: AbortSignal): Promise<Knock> {
  signal.throwIfAborted();
  const { hostname, port } = new URL(endpoint);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
  const timer = setTimeout(() => reject(new Error("no answer")), ANSWER_MS);
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  socket.once("connect", resolve).once("error", reject);
  try {
    await promise;
    return { endpoint, failedAt: null, problem: null };
  } catch (error) {
    signal.throwIfAborted();
    const said = error instanceof Error ? `${"code" in error ? String(error.code) : ""} ${error.message}` : "";
    return {
      endpoint,
      failedAt: /ENOTFOUND|EAI_AGAIN/.test(said) ? "name" : "tcp",
      problem: explained(endpoint, said),
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    socket.destroy();
  }
}

function explained(endpoint: string, said: string): Problem {
  const found = explainConnection(said, { endpoint, credentials: null, now: Date.now() });
  if (found === null)
    return {
      code: "ETCD_UNREACHABLE",
      message: `etcd at ${endpoint} cannot be reached: ${said.trim()}`,
      try: "fleet doctor",
    };
  const { message, ...more } = connectionProblem(found, { endpoint, action: ACTION });
  return { code: found.code, ...more, message: message.slice(`cannot ${ACTION}: `.length) };
}
