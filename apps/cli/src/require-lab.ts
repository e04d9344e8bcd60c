import { connect } from "node:net";
import { CodedError } from "@quarterdeck/model";
import type { ClusterAccess } from "./read-context.ts";

/** A socket on this host answers at once, or its lab is not well. */
const ANSWER_MS = 2000;

/**
 * Makes sure that the lab of the cluster runs before anything is sent to its private addresses, which without it may belong to somebody else.
 *
 * @throws {CodedError} UNREACHABLE
 */
export async function requireLab({ name, lab, hint }: ClusterAccess, signal: AbortSignal): Promise<void> {
  if (lab === null) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ path: lab });
  const stop = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const give = (): void => reject(new Error(`no answer in ${ANSWER_MS / 1000} s`));
  stop.addEventListener("abort", give, { once: true });
  socket.once("connect", () => resolve());
  socket.once("error", reject);
  try {
    await promise;
  } catch (error) {
    signal.throwIfAborted();
    const said = error instanceof Error ? ("code" in error ? String(error.code) : error.message) : String(error);
    throw new CodedError(
      "UNREACHABLE",
      { message: `the lab of the cluster ${name} does not run`, why: `${lab}: ${said}`, try: hint },
      { cause: error },
    );
  } finally {
    stop.removeEventListener("abort", give);
    socket.destroy();
  }
}
