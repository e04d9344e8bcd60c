import { isIP } from "node:net";
import { CodedError } from "@quarterdeck/model";

/** What a server's certificate is valid for: names and addresses, checked by its clients. */
export interface SubjectAlternativeNames {
  /** Host names: letters, digits, `-` and `_` between dots; no wildcard, at most 253 characters. */
  readonly dns?: readonly string[];
  /** IPv4 or IPv6 addresses, without a zone. */
  readonly ips?: readonly string[];
}

// RFC 1123, and the underscore, which Docker and systemd allow in names; a wildcard would vouch for machines not made yet.
const DNS_NAME =
  /^(?=.{1,253}$)[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?)*$/;

/**
 * Checks every name and drops repeats; the order stays.
 * @throws {CodedError} INVALID_NAME for a name that is no host name and an address that is no address.
 */
export function parseSubjectAlternativeNames(sans: SubjectAlternativeNames): Required<SubjectAlternativeNames> {
  for (const name of sans.dns ?? []) {
    if (!isHostName(name))
      throw refusal(name, "host name", "use letters, digits and hyphens between dots, without a wildcard");
  }
  for (const address of sans.ips ?? []) {
    if (isIP(address) === 0 || address.includes("%"))
      throw refusal(address, "IP address", "give an IPv4 or IPv6 address without a zone");
  }
  return { dns: [...new Set(sans.dns)], ips: [...new Set(sans.ips)] };
}

/** Whether the text is a host name that is not at the same time an address. */
export function isHostName(text: string): boolean {
  return DNS_NAME.test(text) && isIP(text) === 0;
}

function refusal(value: string, what: string, hint: string): CodedError {
  return new CodedError("INVALID_NAME", {
    message: `${JSON.stringify(value)} is not a ${what} for a certificate`,
    try: hint,
  });
}
