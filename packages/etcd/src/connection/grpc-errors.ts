import { status, type ServiceError } from "@grpc/grpc-js";
import { CodedError, type ErrorCode, type Problem } from "@quarterdeck/model";
import { connectionProblem, explainConnection } from "./explain-connection.ts";
import type { Credentials } from "./read-credentials.ts";

/** What a call was about, for people: `read schedule/…`. */
export type About = {
  readonly action: string;
  readonly principal: string;
  readonly endpoint: string;
  /** What we showed etcd. */
  readonly credentials?: Credentials | null;
};

/** grpc-js's errors are plain `Error`s with a numeric code and etcd's text in `details`. */
export function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "number" && "details" in thrown;
}

/**
 * What may be done about a failed call: `again`: etcd refused it before looking at it, repeat at once · `elsewhere`: this endpoint cannot help
 * and whether the call took effect is not known · `final`: etcd's answer.
 */
export function classifyFailure(error: ServiceError): "again" | "elsewhere" | "final" {
  if (/revision of auth store is old|too many requests/.test(error.details)) return "again";
  if (/corrupt cluster/.test(error.details)) return "final";
  switch (error.code) {
    case status.UNAVAILABLE:
    case status.DEADLINE_EXCEEDED:
    case status.CANCELLED:
    case status.INTERNAL:
    case status.UNKNOWN:
      return "elsewhere";
    default:
      return "final";
  }
}

/** Whether a call that failed so cannot have taken effect: it had no connection to go out on, or was stopped at the member's door. */
export function wasNeverDone({ details }: ServiceError): boolean {
  return (
    /No connection established|ECONNREFUSED|Name resolution failed/.test(details) || details === "etcdserver: no leader"
  );
}

/** Says a failed call in Quarterdeck's words; anything that is not gRPC's comes back as it was. */
export function toCodedError(thrown: unknown, about: About): unknown {
  if (!isServiceError(thrown)) return thrown;
  const [code, problem] = explain(thrown, about);
  return new CodedError(code, problem, { cause: thrown });
}

type Explanation = readonly [ErrorCode, Omit<Problem, "code">];

function explain(error: ServiceError, about: About): Explanation {
  const { code, details } = error;
  const { action, principal, endpoint } = about;
  const said = details.replace(/^etcdserver: /, "");
  if (isRefusal(code, said)) return ["ETCD_FORBIDDEN", forbidden({ action, principal, said })];
  if (/compacted|future revision/.test(said))
    return ["ETCD_COMPACTED", { message: `etcd no longer has the history to ${action}: ${said}` }];
  if (/lease not found/.test(said)) return ["ETCD_LEASE_LOST", { message: `cannot ${action}: the lease is gone` }];
  const state = stateOfCluster(said, about);
  if (state !== null) return state;
  const connection = classifyFailure(error) === "elsewhere" ? explainConnection(said, connectionOf(about)) : null;
  if (connection !== null) return [connection.code, connectionProblem(connection, about)];
  if (code === status.DEADLINE_EXCEEDED || /timed out/.test(said)) {
    return [
      "ETCD_TIMEOUT",
      {
        message: `cannot ${action}: etcd at ${endpoint} did not answer in time`,
        why: "it is connected and silent: overloaded, stopped or cut off",
        try: "fleet doctor",
      },
    ];
  }
  if (classifyFailure(error) === "elsewhere") {
    return [
      "ETCD_UNREACHABLE",
      { message: `cannot ${action}: etcd at ${endpoint} cannot be reached`, why: said, try: "fleet doctor" },
    ];
  }
  return ["FAILED", { message: `cannot ${action}: etcd at ${endpoint} refused: ${said}`, try: "fleet doctor" }];
}

/** What a member says that is there and well, of a cluster or a request that is not. */
function stateOfCluster(said: string, { action, endpoint }: About): Explanation | null {
  if (/no leader|leader changed/.test(said))
    return [
      "ETCD_UNREACHABLE",
      {
        message: `cannot ${action}: etcd at ${endpoint} has no leader: half of its members or more are away`,
        why: said,
        try: "fleet etcd members",
      },
    ];
  if (/database space exceeded/.test(said))
    return [
      "FAILED",
      {
        message: `cannot ${action}: the database of etcd at ${endpoint} is full (alarm NOSPACE)`,
        why: "until there is space it only reads and deletes",
        whoCanFix: "an administrator with the root certificate",
        try: "compact, defragment and disarm the alarm; fleet doctor",
      },
    ];
  if (/corrupt cluster/.test(said))
    return [
      "FAILED",
      {
        message: `cannot ${action}: etcd at ${endpoint} has found its data to differ between members (alarm CORRUPT)`,
        whoCanFix: "an administrator with the root certificate",
        try: "fleet etcd members; replace the member that differs",
      },
    ];
  if (/request is too large|message larger than max|too many operations/.test(said))
    return [
      "ETCD_TOO_LARGE",
      { message: `cannot ${action}: it is more than etcd takes in one request (1.5 MiB, 128 operations)`, why: said },
    ];
  return null;
}

function connectionOf({ endpoint, credentials }: About) {
  return { endpoint, credentials: credentials ?? null, now: Date.now() };
}

/** etcd says "user name is empty" to a client without a certificate and "user name not found" to one it does not know. */
function isRefusal(code: status, said: string): boolean {
  return (
    code === status.PERMISSION_DENIED ||
    code === status.UNAUTHENTICATED ||
    /permission denied|user name (is empty|not found)|invalid auth token/.test(said)
  );
}

/** The problem of a denied call, also for a watcher that etcd refuses in words instead of a status. */
export function forbidden({
  action,
  principal,
  said,
}: {
  readonly action: string;
  readonly principal: string;
  readonly said: string;
}): Omit<Problem, "code"> {
  return {
    message: `${principal} may not ${action}`,
    why: `etcd: ${said}`,
    whoCanFix: "an administrator with the root certificate",
  };
}
