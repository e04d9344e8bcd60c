import type { TlsMaterial } from "../client.ts";
import { checkPair, commonNameOf, credentialParts, nameOf } from "./credential-parts.ts";

/** PEM texts, and the name that etcd will know us by. */
export type Credentials = {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly principal: string;
  /** For people: the certificate's file, or that it was given as text. */
  readonly source: string;
  /** Milliseconds since the epoch. Being out of it is no error here: the clock may be set, or the file renewed, while the process runs. */
  readonly validFrom: number;
  readonly validTo: number;
};

/**
 * Reads and checks what can be checked without etcd: that the parts are readable, are what they should be and belong together, and that
 * nobody else can read the key.
 * @throws {CodedError} INVALID_CERTIFICATE naming the file and what is wrong with it
 */
export async function readCredentials(tls: TlsMaterial): Promise<Credentials> {
  const [ca, cert, key] = await Promise.all([
    credentialParts.ca(tls),
    credentialParts.cert(tls),
    credentialParts.key(tls),
  ]);
  checkPair(cert.parsed, key.parsed, tls);
  return {
    ca: ca.pem,
    cert: cert.pem,
    key: key.pem,
    principal: commonNameOf(cert.parsed),
    source: nameOf(tls.cert),
    validFrom: cert.parsed.validFromDate.getTime(),
    validTo: cert.parsed.validToDate.getTime(),
  };
}
