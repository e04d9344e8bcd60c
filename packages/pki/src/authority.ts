import { CodedError } from "@quarterdeck/model";
import type { Credential } from "./credential.ts";
import { issueLeaf, randomSerial, validity, type IssueOptions, type Signer } from "./issue-leaf.ts";
import { KEY_ALGORITHM, SIGNATURE_ALGORITHM } from "./key-algorithm.ts";
import { readPrivateKey, renderPrivateKey } from "./pem.ts";
import type { Profile } from "./profiles.ts";
import * as x509 from "./x509.ts";

const AUTHORITY_DAYS = 3650;

/** A certificate authority: its own credential, to be kept, and the right to issue. */
export interface Authority extends Credential {
  /**
   * Makes a new key and a certificate for it; every call gives another pair.
   * @throws {CodedError} INVALID_CERTIFICATE when the authority is not valid at `now`.
   */
  issue(profile: Profile, options: IssueOptions): Promise<Credential>;
}

/**
 * Makes a self-signed authority, valid for ten years, that may sign leaves only (path length 0).
 * @param commonName 1 to 64 printable ASCII characters, e.g. `Quarterdeck local`.
 * @throws {CodedError} INVALID_NAME
 */
export async function createAuthority(commonName: string, now: Date): Promise<Authority> {
  if (!/^[ -~]{1,64}$/.test(commonName)) {
    throw new CodedError("INVALID_NAME", {
      message: `${JSON.stringify(commonName)} is not a name for an authority`,
      why: "it must be 1 to 64 printable ASCII characters",
      try: "Quarterdeck local",
    });
  }
  const keys = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: [{ CN: [commonName] }],
    ...validity(now, AUTHORITY_DAYS),
    keys,
    signingAlgorithm: SIGNATURE_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return authority(
    { cert: `${cert.toString("pem")}\n`, key: await renderPrivateKey(keys.privateKey) },
    { cert, key: keys.privateKey },
  );
}

/**
 * Takes up an authority that was kept on disk.
 * @throws {CodedError} INVALID_CERTIFICATE when a part does not parse, is no authority's, or the key is another's.
 */
export async function loadAuthority(credential: Credential): Promise<Authority> {
  const signer = await readSigner(credential);
  const constraints = signer.cert.getExtension(x509.BasicConstraintsExtension);
  if (constraints?.ca !== true) throw invalid(`${signer.cert.subject} is not an authority's certificate`);
  if (!(await belongsTogether(signer)))
    throw invalid(`the key does not belong to the certificate ${signer.cert.subject}`);
  return authority({ cert: credential.cert, key: credential.key }, signer);
}

function authority(credential: Credential, signer: Signer): Authority {
  return { ...credential, issue: (profile, options) => issueLeaf(signer, profile, options) };
}

async function readSigner({ cert, key }: Credential): Promise<Signer> {
  try {
    return { cert: new x509.X509Certificate(cert), key: await readPrivateKey(key) };
  } catch (error) {
    throw invalid("the authority's certificate or key cannot be read", error);
  }
}

/** Whether the certificate's public key verifies what the private key signs. */
async function belongsTogether({ cert, key }: Signer): Promise<boolean> {
  const sample = new TextEncoder().encode("quarterdeck");
  const publicKey = await cert.publicKey.export();
  const signature = await crypto.subtle.sign(SIGNATURE_ALGORITHM, key, sample);
  return crypto.subtle.verify(SIGNATURE_ALGORITHM, publicKey, signature, sample);
}

function invalid(message: string, cause?: unknown): CodedError {
  return new CodedError(
    "INVALID_CERTIFICATE",
    { message, try: "restore the pair of files, or remove both to have a new authority made" },
    cause === undefined ? {} : { cause },
  );
}
