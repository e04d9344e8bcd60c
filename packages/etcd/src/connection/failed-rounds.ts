import { status, type ServiceError } from "@grpc/grpc-js";
import { CodedError, type ErrorCode } from "@quarterdeck/model";
import type { Endpoint } from "./endpoint.ts";
import type { Endpoints } from "./endpoints.ts";
import { isServiceError, toCodedError, type About } from "./grpc-errors.ts";

/** What each endpoint said last to one call, and from that the one line for whoever asked. */
export class FailedRounds {
  readonly #endpoints: Endpoints;
  readonly #action: string;
  readonly #last = new Map<Endpoint, CodedError>();
  #lookedAgain = false;

  constructor(endpoints: Endpoints, action: string) {
    this.#endpoints = endpoints;
    this.#action = action;
  }

  about({ url }: Endpoint): About {
    const { principal, credentials } = this.#endpoints;
    return { action: this.#action, principal, endpoint: url, credentials };
  }

  /**
   * Notes a failure. Where certificates are the trouble at every endpoint no waiting helps: their files are looked at once more, and the second
   * time it is thrown.
   * @throws {CodedError} INVALID_CERTIFICATE
   */
  async add(endpoint: Endpoint, error: ServiceError): Promise<void> {
    const coded = toCodedError(error, this.about(endpoint));
    if (!(coded instanceof CodedError)) throw coded;
    const before = this.#last.get(endpoint);
    if (before === undefined || isSilence(before.cause) || !isSilence(error)) this.#last.set(endpoint, coded);
    const all = [...this.#last.values()];
    if (all.length < this.#endpoints.all.length || all.some(({ code }) => code !== "INVALID_CERTIFICATE")) return;
    if (this.#lookedAgain) throw this.toError();
    this.#lookedAgain = true;
    this.#last.clear();
    await this.#endpoints.lookAtCertificates();
  }

  /** The failure that says most, with those of the other endpoints as its reason. */
  toError(): CodedError {
    const [first, ...others] = [...this.#last].toSorted(([, a], [, b]) => rank(a) - rank(b));
    if (first === undefined)
      return new CodedError("ETCD_TIMEOUT", {
        message: `cannot ${this.#action}: etcd at ${this.#endpoints.current.url} did not answer in time`,
        try: "fleet doctor",
      });
    const [, { code, problem, cause }] = first;
    const { code: _, ...fields } = problem;
    if (others.length === 0) return new CodedError(code, fields, { cause });
    const also = others.map(([, error]) => error.message.slice(`cannot ${this.#action}: `.length)).join("; ");
    return new CodedError(code, { ...fields, why: also }, { cause });
  }
}

/** Running out of time says less than what the endpoint said before. */
function isSilence(cause: unknown): boolean {
  return isServiceError(cause) && (cause.code === status.DEADLINE_EXCEEDED || cause.details.endsWith("no answer"));
}

const TELLING: readonly ErrorCode[] = ["INVALID_CERTIFICATE", "ETCD_FORBIDDEN", "FAILED", "ETCD_TIMEOUT"];

/** A member that speaks says more than one that is not there. */
function rank({ code, cause }: CodedError): number {
  const at = TELLING.indexOf(code);
  if (at >= 0) return at;
  return isServiceError(cause) && cause.details.startsWith("etcdserver: ") ? -1 : TELLING.length;
}
