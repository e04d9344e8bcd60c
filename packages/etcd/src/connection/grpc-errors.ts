import { status, type ServiceError } from "@grpc/grpc-js";
import { CodedError, type ErrorCode, type Problem } from "@quarterdeck/model";

/** What a call was about, for people: `read schedule/…`. */
export type About = { readonly action: string; readonly principal: string; readonly endpoint: string };

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

/** Says a failed call in Quarterdeck's words; anything that is not gRPC's comes back as it was. */
export function toCodedError(thrown: unknown, about: About): unknown {
  if (!isServiceError(thrown)) return thrown;
  const [code, problem] = explain(thrown, about);
  return new CodedError(code, problem, { cause: thrown });
}

type Explanation = readonly [ErrorCode, Omit<Problem, "code">];

function explain({ code, details }: ServiceError, { action, principal, endpoint }: About): Explanation {
  const said = details.replace(/^etcdserver: /, "");
  if (isRefusal(code, said)) return ["ETCD_FORBIDDEN", forbidden({ action, principal, said })];
  if (/compacted|future revision/.test(said))
    return ["ETCD_COMPACTED", { message: `etcd no longer has the history to ${action}: ${said}` }];
  if (/lease not found/.test(said)) return ["ETCD_LEASE_LOST", { message: `cannot ${action}: the lease is gone` }];
  if (/database space exceeded/.test(said)) {
    return ["FAILED", { message: `cannot ${action}: etcd's database is full (NOSPACE)`, try: "fleet doctor" }];
  }
  if (/certificate|self.signed|altname|unable to (get|verify)|alert|wrong version number/i.test(said)) {
    return [
      "INVALID_CERTIFICATE",
      {
        message: `etcd at ${endpoint} and this process do not accept each other's certificates: ${said}`,
        try: "fleet doctor",
      },
    ];
  }
  if (code === status.DEADLINE_EXCEEDED || /timed out/.test(said)) {
    return [
      "ETCD_TIMEOUT",
      { message: `etcd at ${endpoint} did not answer in time (${action})`, why: said, try: "fleet etcd members" },
    ];
  }
  if (classifyCode(code)) {
    return [
      "ETCD_UNREACHABLE",
      { message: `etcd at ${endpoint} cannot be reached (${action})`, why: said, try: "fleet etcd members" },
    ];
  }
  return ["FAILED", { message: `etcd refused to ${action}: ${said}` }];
}

const classifyCode = (code: status): boolean =>
  code === status.UNAVAILABLE || code === status.CANCELLED || code === status.INTERNAL || code === status.UNKNOWN;

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
