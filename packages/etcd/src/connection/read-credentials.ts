import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CodedError } from "@quarterdeck/model";
import type { TlsMaterial } from "../client.ts";
import { checkKeyMode } from "./check-key-mode.ts";
import { isPem } from "./is-pem.ts";

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
    readPem("CA", tls.ca),
    readPem("certificate", tls.cert),
    readPem("key", tls.key),
  ]);
  if (!isPem(tls.key)) await checkKeyMode(tls.key);
  checkAuthority(parseCertificate(ca, tls.ca), tls.ca);
  const certificate = parseCertificate(cert, tls.cert);
  if (!certificate.checkPrivateKey(parseKey(key, tls.key))) {
    throw invalid(
      `the key ${nameOf(tls.key)} does not belong to the certificate ${nameOf(tls.cert)}`,
      "give the key that the certificate was issued with",
    );
  }
  return {
    ca,
    cert,
    key,
    principal: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "",
    source: nameOf(tls.cert),
    validFrom: certificate.validFromDate.getTime(),
    validTo: certificate.validToDate.getTime(),
  };
}

async function readPem(what: string, pathOrText: string): Promise<Buffer> {
  if (isPem(pathOrText)) return Buffer.from(pathOrText);
  try {
    return await readFile(pathOrText);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw invalid(`cannot read the ${what} for etcd: ${why}`, `ls -l ${pathOrText}`, cause);
  }
}

function parseCertificate(pem: Buffer, source: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw invalid(`${nameOf(source)} is not a certificate in PEM`, "give the file that begins with -----BEGIN", cause);
  }
}

/** One that signed itself can be trusted without being an authority. */
function checkAuthority(ca: X509Certificate, source: string): void {
  if (ca.ca || ca.subject === ca.issuer) return;
  throw invalid(
    `${nameOf(source)} is the certificate of ${ca.subject.replaceAll("\n", ", ")}, not of an authority`,
    "give the CA's certificate, ca.pem by custom",
  );
}

function parseKey(pem: Buffer, source: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw invalid(`${nameOf(source)} is not a private key in PEM`, "give the file that begins with -----BEGIN", cause);
  }
}

const nameOf = (pathOrText: string): string => (isPem(pathOrText) ? "given as text" : pathOrText);

function invalid(message: string, remedy: string, cause?: unknown): CodedError {
  return new CodedError("INVALID_CERTIFICATE", { message, try: remedy }, cause === undefined ? {} : { cause });
}
