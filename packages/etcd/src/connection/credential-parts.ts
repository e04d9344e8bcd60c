import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CodedError } from "@quarterdeck/model";
import type { TlsMaterial } from "../client.ts";
import { checkKeyMode } from "./check-key-mode.ts";
import { isPem } from "./is-pem.ts";

type Part<Parsed> = { readonly pem: Buffer; readonly parsed: Parsed };

/**
 * Reads one part of what etcd is shown; each says of itself what is wrong with it.
 * @throws {CodedError} INVALID_CERTIFICATE naming the file
 */
export const credentialParts = {
  async ca({ ca }: TlsMaterial): Promise<Part<X509Certificate>> {
    const pem = await readPem("CA", ca);
    const parsed = parseCertificate(pem, ca);
    // One that signed itself can be trusted without being an authority.
    if (parsed.ca || parsed.subject === parsed.issuer) return { pem, parsed };
    throw invalid(
      `${nameOf(ca)} is the certificate of ${parsed.subject.replaceAll("\n", ", ")}, not of an authority`,
      "give the CA's certificate, ca.pem by custom",
    );
  },
  async cert({ cert }: TlsMaterial): Promise<Part<X509Certificate>> {
    const pem = await readPem("certificate", cert);
    return { pem, parsed: parseCertificate(pem, cert) };
  },
  async key({ key }: TlsMaterial): Promise<Part<KeyObject>> {
    const pem = await readPem("key", key);
    if (!isPem(key)) await checkKeyMode(key);
    return { pem, parsed: parseKey(pem, key) };
  },
} as const;

/** @throws {CodedError} INVALID_CERTIFICATE when they are not of one pair */
export function checkPair(certificate: X509Certificate, key: KeyObject, tls: TlsMaterial): void {
  if (certificate.checkPrivateKey(key)) return;
  throw invalid(
    `the key ${nameOf(tls.key)} does not belong to the certificate ${nameOf(tls.cert)}`,
    "give the key that the certificate was issued with",
  );
}

/** Who etcd takes the holder for. */
export function commonNameOf(certificate: X509Certificate): string {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "";
}

/** For people: a file's path, or that it was given as text. */
export const nameOf = (pathOrText: string): string => (isPem(pathOrText) ? "given as text" : pathOrText);

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

function parseKey(pem: Buffer, source: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw invalid(`${nameOf(source)} is not a private key in PEM`, "give the file that begins with -----BEGIN", cause);
  }
}

function invalid(message: string, remedy: string, cause?: unknown): CodedError {
  return new CodedError("INVALID_CERTIFICATE", { message, try: remedy }, cause === undefined ? {} : { cause });
}
