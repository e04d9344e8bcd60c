import { status } from "@grpc/grpc-js";
import { CodedError } from "@quarterdeck/model";
import { backoffMs } from "./backoff.ts";
import type { Endpoints } from "./endpoints.ts";
import { classifyFailure, isServiceError, toCodedError } from "./grpc-errors.ts";
import { pause } from "./pause.ts";
import type { RpcName, Rpcs } from "./rpcs.ts";

export type CallOptions = {
  /** For people: `read schedule/`. */
  readonly action: string;
  /** Whether doing it twice is as good as once; else a lost reply ends the call, its outcome unknown. */
  readonly repeatable: boolean;
  /** Less than the client's call deadline, where the caller goes on by itself. */
  readonly timeoutMs?: number;
};

const CONNECT_MS = 700;

/**
 * Calls etcd within the client's call deadline, over the endpoint in use and then the others.
 * @throws {CodedError} ETCD_UNREACHABLE, ETCD_TIMEOUT, ETCD_FORBIDDEN, ETCD_COMPACTED, ETCD_LEASE_LOST, INVALID_CERTIFICATE, FAILED
 */
export async function callEtcd<Name extends RpcName>(
  endpoints: Endpoints,
  { name, request }: { readonly name: Name; readonly request: Rpcs[Name]["request"] },
  { action, repeatable, timeoutMs }: CallOptions,
  signal: AbortSignal,
): Promise<Rpcs[Name]["response"]> {
  const deadline = performance.now() + Math.min(timeoutMs ?? Infinity, endpoints.callTimeoutMs);
  let failure: unknown;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    const remainingMs = deadline - performance.now();
    const endpoint = endpoints.current;
    const about = { action, principal: endpoints.principal, endpoint: endpoint.url };
    if (remainingMs <= 0)
      throw (
        toCodedError(failure, about) ??
        new CodedError("ETCD_TIMEOUT", { message: `no etcd endpoint answered in time (${action})` })
      );
    // One round over all endpoints goes without pauses.
    if (attempt > 0 && attempt % endpoints.all.length === 0)
      await pause(Math.min(remainingMs, backoffMs(attempt / endpoints.all.length - 1)), signal);
    if (endpoints.all.length > 1 && !(await endpoint.settled(Math.min(remainingMs, CONNECT_MS)))) {
      failure ??= unreachable(endpoint.url);
      endpoints.failed(endpoint);
      continue;
    }
    try {
      const share = repeatable ? Math.max(remainingMs / endpoints.all.length, 1_000) : remainingMs;
      return await endpoint.call(name, request, Math.min(remainingMs, share), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isServiceError(error)) throw error;
      failure = error;
      const verdict = classifyFailure(error);
      if (verdict === "elsewhere") endpoints.failed(endpoint);
      if (verdict === "final" || (verdict === "elsewhere" && !repeatable && !wasNeverSent(error.details)))
        throw toCodedError(error, about);
    }
  }
}

/** grpc-js's words for a call that had no connection to go out on. */
function wasNeverSent(details: string): boolean {
  return /No connection established|ECONNREFUSED|Name resolution failed/.test(details);
}

function unreachable(url: string): Error {
  return Object.assign(new Error(`no connection to ${url}`), { code: status.UNAVAILABLE, details: "no connection" });
}
