import { status, type ServiceError } from "@grpc/grpc-js";
import { CodedError } from "@quarterdeck/model";
import type { IResponseHeader } from "etcd3";
import { telemetry, type CallMessage } from "../telemetry.ts";
import { backoffMs } from "./backoff.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Endpoints } from "./endpoints.ts";
import { FailedRounds } from "./failed-rounds.ts";
import { classifyFailure, isServiceError, toCodedError, wasNeverDone } from "./grpc-errors.ts";
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

type What<Name extends RpcName> = { readonly name: Name; readonly request: Rpcs[Name]["request"] };

/** How long an endpoint may take before the next one is tried: all of them together stay below a second in a cluster of three. */
const CONNECT_MS = 700;
/** A member that is connected and silent (frozen, cut off) is left that soon, once; whoever is only slow gets more time in the next round. */
const FIRST_ROUND_MS = 800;

/**
 * Calls etcd within the client's call deadline, over the endpoint in use and then the others.
 * @throws {CodedError} ETCD_UNREACHABLE, ETCD_TIMEOUT, ETCD_FORBIDDEN, ETCD_COMPACTED, ETCD_LEASE_LOST, INVALID_CERTIFICATE, FAILED
 */
export async function callEtcd<Name extends RpcName>(
  endpoints: Endpoints,
  what: What<Name>,
  options: CallOptions,
  signal: AbortSignal,
): Promise<Rpcs[Name]["response"]> {
  const beganAt = performance.now();
  let outcome: CallMessage["outcome"] = "ok";
  try {
    return await callUntil(endpoints, what, options, signal);
  } catch (error) {
    outcome = error instanceof CodedError ? error.code : "aborted";
    throw error;
  } finally {
    if (telemetry.call.hasSubscribers) {
      const { url } = endpoints.current;
      telemetry.call.publish({ name: what.name, endpoint: url, ms: performance.now() - beganAt, outcome });
    }
  }
}

async function callUntil<Name extends RpcName>(
  endpoints: Endpoints,
  { name, request }: What<Name>,
  { action, repeatable, timeoutMs }: CallOptions,
  signal: AbortSignal,
): Promise<Rpcs[Name]["response"]> {
  const deadline = performance.now() + Math.min(timeoutMs ?? Infinity, endpoints.callTimeoutMs);
  const count = endpoints.all.length;
  const failures = new FailedRounds(endpoints, action);
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    endpoints.checkOpen();
    const remainingMs = deadline - performance.now();
    if (remainingMs <= 0) throw failures.toError();
    // One round over all endpoints goes without pauses.
    if (attempt > 0 && attempt % count === 0)
      await pause(Math.min(remainingMs, backoffMs(attempt / count - 1)), signal);
    const endpoint = endpoints.current;
    try {
      if (count > 1 && !(await endpoint.settled(Math.min(remainingMs, CONNECT_MS)))) throw noConnection(endpoint);
      const leftMs = Math.max(1, deadline - performance.now());
      const timeLeftMs = repeatable ? shareOf(leftMs, attempt, count) : leftMs;
      const answer = await endpoint.call(name, request, timeLeftMs, signal);
      // Calls that are not about keys may come without a revision, and from etcd 3.4 without a header.
      const header: IResponseHeader | null = answer.header;
      if (header !== null && header.revision > "0") endpoints.revision = BigInt(header.revision);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      endpoints.checkOpen();
      if (!isServiceError(error)) throw error;
      const verdict = classifyFailure(error);
      if (verdict === "elsewhere") endpoints.failed(endpoint);
      if (verdict === "final" || (verdict === "elsewhere" && !repeatable && !wasNeverDone(error)))
        throw toCodedError(error, failures.about(endpoint));
      await failures.add(endpoint, error);
      if (telemetry.retry.hasSubscribers) telemetry.retry.publish({ name, endpoint: endpoint.url, why: error.details });
    }
  }
}

function shareOf(leftMs: number, attempt: number, count: number): number {
  if (count === 1) return leftMs;
  return Math.min(leftMs, attempt < count ? FIRST_ROUND_MS : Math.max(leftMs / count, 1_000));
}

function noConnection({ url }: Endpoint): ServiceError {
  return Object.assign(new Error(`no connection to ${url}`), {
    code: status.UNAVAILABLE,
    // grpc-js's words for a call that was never sent.
    details: "No connection established: no answer",
  }) as unknown as ServiceError;
}
