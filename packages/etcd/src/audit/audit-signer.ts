import { createPrivateKey, sign, X509Certificate, type KeyObject } from "node:crypto";
import { CodedError, type AuditSeal } from "@quarterdeck/model";
import { readAuthorities } from "./authorities.ts";
import { checkSeal } from "./check-seal.ts";
import { digestFor } from "./digest-for.ts";
import { sealStatement, type SealFacts, type SealKind } from "./seal-statement.ts";

/** Who signs the audit log: an engine's key behind a function, so that nothing here holds a file. */
export type AuditSigner = {
  /**
   * Base64 of the signature under `bytes`, and the certificate (PEM) of the key that made it, which is stored with it. Both come from one call,
   * so that a renewed pair can be taken up between two.
   */
  sign(bytes: Uint8Array): { readonly signature: string; readonly certificate: string };
  /** Whether an engine of this cluster signed this head: one that none did gets no good signature behind it. */
  vouches(head: AuditSeal): boolean;
};

export type AuditSignerParts = {
  readonly cert: string;
  readonly key: string;
  /** The cluster's authority, or several while one takes the other's place. */
  readonly ca: string;
};

/**
 * A signer of a certificate and its private key, all PEM. ECDSA (DER) and RSA sign a SHA-256, Ed25519 and Ed448 the bytes themselves.
 * @throws {CodedError} INVALID_CERTIFICATE when a part cannot be read or the key is another's
 */
export function createAuditSigner({ cert, key, ca }: AuditSignerParts): AuditSigner {
  const authorities = readAuthorities(ca);
  const privateKey = readKey(cert, key);
  const digest = digestFor(privateKey);
  // What this very signer signed last needs no look at its certificate: nearly every act follows one of the same leader.
  let own = { statement: "", signature: "" };
  return {
    sign(bytes) {
      const signature = sign(digest, bytes, privateKey).toString("base64");
      own = { statement: Buffer.from(bytes).toString("latin1"), signature };
      return { signature, certificate: cert };
    },
    vouches(head) {
      const isOwn =
        head.signature === own.signature && sealStatement("head", head).toString("latin1") === own.statement;
      return isOwn || checkSeal("head", JSON.stringify(head), authorities).ok;
    },
  };
}

/** The seal as it is stored. */
export function seal(signer: AuditSigner, kind: SealKind, facts: SealFacts): AuditSeal {
  return { v: 1, ...facts, ...signer.sign(sealStatement(kind, facts)) };
}

function readKey(cert: string, key: string): KeyObject {
  try {
    const privateKey = createPrivateKey(key);
    if (new X509Certificate(cert).checkPrivateKey(privateKey)) return privateKey;
  } catch (cause) {
    throw invalid("the certificate or the key that the audit log is signed with cannot be read", cause);
  }
  throw invalid("the key that the audit log is signed with does not belong to its certificate", undefined);
}

function invalid(message: string, cause: unknown): CodedError {
  return new CodedError(
    "INVALID_CERTIFICATE",
    { message, try: "restore the pair engine.pem, engine-key.pem" },
    { cause },
  );
}
