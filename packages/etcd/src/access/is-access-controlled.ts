import { CodedError } from "@quarterdeck/model";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoints } from "../connection/endpoints.ts";

/**
 * Whether etcd holds users to their keys. Nobody but root may ask that, so it is asked to let in a nameless user: it refuses that either way,
 * and says which way.
 * @throws {CodedError} ETCD_UNREACHABLE, ETCD_TIMEOUT, INVALID_CERTIFICATE
 */
export async function isAccessControlled(endpoints: Endpoints, signal: AbortSignal): Promise<boolean> {
  const call = { name: "authenticate", request: { name: "", password: "" } } as const;
  try {
    await callEtcd(endpoints, call, { action: "see whether access is controlled", repeatable: true }, signal);
    return true;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const said = `${error.message} ${error.problem.why ?? ""}`;
    if (/authentication is not enabled/.test(said)) return false;
    if (/invalid user ID or password|user name (is empty|not found)|authentication failed/.test(said)) return true;
    throw error;
  }
}
