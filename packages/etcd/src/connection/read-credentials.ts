import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CodedError } from "@quarterdeck/model";
import type { TlsMaterial } from "../client.ts";

/** PEM texts, and the name that etcd will know us by. */
export type Credentials = {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly principal: string;
};

/** @throws {CodedError} INVALID_CERTIFICATE naming the file and what is wrong with it */
export async function readCredentials(tls: TlsMaterial): Promise<Credentials> {
  const [ca, cert, key] = await Promise.all([
    readPem("CA", tls.ca),
    readPem("certificate", tls.cert),
    readPem("key", tls.key),
  ]);
  return { ca, cert, key, principal: commonName(cert, tls.cert) };
}

async function readPem(what: string, pathOrText: string): Promise<Buffer> {
  if (isText(pathOrText)) return Buffer.from(pathOrText);
  try {
    return await readFile(pathOrText);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError(
      "INVALID_CERTIFICATE",
      { message: `cannot read the ${what} for etcd: ${why}`, try: `ls -l ${pathOrText}` },
      { cause },
    );
  }
}

function commonName(pem: Buffer, source: string): string {
  const name = isText(source) ? "the given text" : source;
  try {
    const { subject } = new X509Certificate(pem);
    return /^CN=(.*)$/m.exec(subject)?.[1] ?? "";
  } catch (cause) {
    throw new CodedError("INVALID_CERTIFICATE", { message: `${name} is not a certificate in PEM` }, { cause });
  }
}

const isText = (pathOrText: string): boolean => pathOrText.startsWith("-----BEGIN");
