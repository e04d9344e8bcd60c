import type { ErrorCode, Problem } from "@quarterdeck/model";
import type { Credentials } from "./read-credentials.ts";

/** Which connection failed: the endpoint, what we showed it, and the time by our clock in milliseconds since the epoch. */
export type FailedConnection = {
  readonly endpoint: string;
  readonly credentials: Pick<Credentials, "source" | "validFrom" | "validTo"> | null;
  readonly now: number;
};

/** `what` continues "etcd at <endpoint> ". */
export type ConnectionProblem = {
  readonly code: Extract<ErrorCode, "INVALID_CERTIFICATE" | "ETCD_UNREACHABLE">;
  readonly what: string;
  readonly remedy: string;
};

/**
 * What is the matter where no connection came about, from the words of grpc-js, Node and OpenSSL, which hide it in a dump; null when they do
 * not speak of a connection.
 */
export function explainConnection(said: string, failed: FailedConnection): ConnectionProblem | null {
  const { endpoint, credentials, now } = failed;
  const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : endpoint;
  const clock = new Date(now).toISOString();
  if (/unable to (get|verify)|UNABLE_TO_|self.signed|SELF_SIGNED/i.test(said))
    return untrusted(
      "shows a certificate of another authority than ours",
      "take the CA, certificate and key of this cluster; fleet doctor",
    );
  if (/certificate has expired|CERT_HAS_EXPIRED/.test(said) && !/alert/.test(said))
    return untrusted(
      `shows a certificate that has expired (our clock says ${clock})`,
      "renew the member's certificate, or set this machine's clock",
    );
  if (/not yet valid|CERT_NOT_YET_VALID/.test(said) && !/alert/.test(said))
    return untrusted(
      `shows a certificate that is not valid yet (our clock says ${clock})`,
      "set this machine's clock, or the clock of who issued it",
    );
  if (/altname/i.test(said))
    return untrusted(
      `shows a certificate of another machine: ${/is not in the cert's list: (.*?)\.?( Resolution|$)/.exec(said)?.[1] ?? "it names no such address"}`,
      `name the endpoint as its certificate does, or issue one for ${host}`,
    );
  if (/alert/i.test(said)) return rejected(said, credentials, now);
  if (/wrong version number|packet length too long|disconnected before secure TLS/i.test(said))
    return unreachable(
      "ends the connection before any certificate is shown: it speaks http, or is no etcd",
      `name etcd's client port, 2379 by custom, and http:// where it wants no certificates`,
    );
  if (/Protocol error|Parse Error|HPE_|ERR_HTTP2/i.test(said))
    return unreachable("answers, but not as etcd does", "name etcd's client port, 2379 by custom");
  if (/ECONNREFUSED/.test(said))
    return unreachable("is not there: nothing listens (ECONNREFUSED)", "systemctl status quarterdeck-etcd.service");
  if (/Name resolution failed|ENOTFOUND|EAI_AGAIN/.test(said))
    return unreachable(`cannot be found: the name ${host} is not known`, `getent hosts ${host}`);
  const unreachableBy = /EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EACCES|EPERM/.exec(said)?.[0];
  if (unreachableBy !== undefined)
    return unreachable(`cannot be reached: no way through the network (${unreachableBy})`, `ip route get ${host}`);
  if (/ETIMEDOUT|no answer|waiting for LB pick/i.test(said))
    return unreachable(
      "does not answer: it is stopped or cut off, or is no etcd",
      `fleet doctor, which says how far one comes; ping ${host}, and see its firewall`,
    );
  if (/Failed to connect|socket hang up|ECONNRESET|EPIPE|Connection (dropped|closed)|GOAWAY/i.test(said))
    return unreachable(
      credentials === null
        ? "ends the connection at once: it may want https and a certificate"
        : "ended the connection (it may just have stopped)",
      "fleet doctor",
    );
  return null;
}

/** etcd's TLS tells little about why it refused us: 3.4 says "bad certificate" to all, so our own certificate is looked at first. */
function rejected(said: string, credentials: FailedConnection["credentials"], now: number): ConnectionProblem {
  if (credentials === null)
    return untrusted("wants a certificate and was shown none", "give a certificate and its key");
  const { source, validFrom, validTo } = credentials;
  if (now >= validTo)
    return untrusted(
      `does not take our certificate, which expired at ${new Date(validTo).toISOString()} (${source})`,
      "renew it, or set this machine's clock; a new file is taken up by itself",
    );
  if (now < validFrom)
    return untrusted(
      `does not take our certificate, which is not valid before ${new Date(validFrom).toISOString()} (${source})`,
      `set this machine's clock, which says ${new Date(now).toISOString()}`,
    );
  const why = /unknown ca/i.test(said)
    ? "another authority issued it"
    : /certificate expired/i.test(said)
      ? "it has expired by etcd's clock"
      : /certificate required/i.test(said)
        ? "it was shown none"
        : "another authority issued it, or it is not one for clients";
  return untrusted(
    `does not take our certificate: ${why} (${source})`,
    "take the certificate and key that this cluster's CA issued; fleet doctor",
  );
}

const untrusted = (what: string, remedy: string): ConnectionProblem => ({ code: "INVALID_CERTIFICATE", what, remedy });

const unreachable = (what: string, remedy: string): ConnectionProblem => ({ code: "ETCD_UNREACHABLE", what, remedy });

/** One line, and what to try. */
export function connectionProblem(
  { what, remedy }: ConnectionProblem,
  { endpoint, action }: { readonly endpoint: string; readonly action: string },
): Omit<Problem, "code"> {
  return { message: `cannot ${action}: etcd at ${endpoint} ${what}`, try: remedy };
}
