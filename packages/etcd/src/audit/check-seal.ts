import { verify, X509Certificate } from "node:crypto";
import { auditSealSchema, type AuditSeal } from "@quarterdeck/model";
import type { AuditFault } from "./audit-fault.ts";
import { digestFor } from "./digest-for.ts";
import { sealStatement, type SealKind } from "./seal-statement.ts";

/** A seal that holds, with the SHA-256 of its certificate as OpenSSL prints it; or what is wrong with it. */
export type CheckedSeal =
  | { readonly ok: true; readonly seal: AuditSeal; readonly fingerprint: string }
  | { readonly ok: false; readonly fault: AuditFault };

/** Who may sign, as the certificate's whole subject says it. */
const ENGINE = "CN=engine";

/** Reads a stored seal, and checks its certificate up to one of the authorities and its signature under what it says. */
export function checkSeal(kind: SealKind, json: string, authorities: readonly X509Certificate[]): CheckedSeal {
  const seal = readSeal(json);
  if (seal === null) return bad("seal-unreadable", null, `the ${kind} is not one: ${json.slice(0, 80)}`);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(seal.certificate);
  } catch (error) {
    return bad("certificate", seal.sequence, `the ${kind}'s certificate cannot be read: ${String(error)}`);
  }
  const why = distrust(certificate, authorities, seal.at);
  if (why !== null) return bad("certificate", seal.sequence, `the ${kind} was signed with a certificate that ${why}`);
  if (!isSigned(kind, seal, certificate))
    return bad("signature", seal.sequence, `the signature under the ${kind} is not that of its certificate`);
  return { ok: true, seal, fingerprint: certificate.fingerprint256 };
}

function readSeal(json: string): AuditSeal | null {
  try {
    return auditSealSchema.safeParse(JSON.parse(json)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Why a certificate does not speak for an engine of this cluster at that time; null when it does. */
function distrust(certificate: X509Certificate, authorities: readonly X509Certificate[], at: string): string | null {
  const subject = certificate.subject.replaceAll("\n", ", ");
  if (certificate.subject !== ENGINE) return `names ${subject.slice(0, 100)}, not an engine`;
  const issuer = authorities.find((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey));
  if (issuer === undefined) return "this cluster's authority did not issue";
  const time = Date.parse(at);
  for (const { validFromDate, validToDate } of [certificate, issuer])
    if (time < validFromDate.getTime() || time > validToDate.getTime()) return `was not valid at ${at}`;
  return null;
}

function isSigned(kind: SealKind, seal: AuditSeal, { publicKey }: X509Certificate): boolean {
  return verify(digestFor(publicKey), sealStatement(kind, seal), publicKey, Buffer.from(seal.signature, "base64"));
}

function bad(code: AuditFault["code"], sequence: number | null, message: string): CheckedSeal {
  return { ok: false, fault: { code, sequence, message } };
}
