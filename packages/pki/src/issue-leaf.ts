import { randomBytes } from "node:crypto";
import { CodedError } from "@quarterdeck/model";
import type { Credential } from "./credential.ts";
import { KEY_ALGORITHM, SIGNATURE_ALGORITHM } from "./key-algorithm.ts";
import { renderPrivateKey } from "./pem.ts";
import type { Profile, Purpose } from "./profiles.ts";
import * as x509 from "./x509.ts";

/** When a certificate is issued and for how long. */
export interface IssueOptions {
  readonly now: Date;
  /** Lifetime from `now` in days; default 365. The authority's own end cuts it short. */
  readonly days?: number;
}

/** What signs: an authority's certificate with its key in memory. */
export interface Signer {
  readonly cert: x509.X509Certificate;
  readonly key: CryptoKey;
}

/** A certificate is valid this long before it is issued, so that a machine whose clock is a little late takes it. */
const CLOCK_SKEW_SECONDS = 300;

const USAGES: Readonly<Record<Purpose, x509.ExtendedKeyUsage>> = {
  server: x509.ExtendedKeyUsage.serverAuth,
  client: x509.ExtendedKeyUsage.clientAuth,
};

/**
 * Makes a key and signs a certificate for it.
 * @throws {CodedError} INVALID_CERTIFICATE when the authority is not valid at `now`, or `days` is not positive.
 */
export async function issueLeaf(signer: Signer, profile: Profile, options: IssueOptions): Promise<Credential> {
  const { notBefore, notAfter } = leafValidity(signer, options);
  const keys = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: [{ CN: [profile.commonName] }],
    issuer: signer.cert.subjectName.toJSON(),
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: signer.key,
    signingAlgorithm: SIGNATURE_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(profile.purposes.map((purpose) => USAGES[purpose])),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signer.cert.publicKey),
      ...alternativeNames(profile),
    ],
  });
  return { cert: `${cert.toString("pem")}\n`, key: await renderPrivateKey(keys.privateKey) };
}

/** 128 random bits behind a byte that keeps the DER integer positive and of one length. */
export function randomSerial(): string {
  return `01${randomBytes(16).toString("hex")}`;
}

/** The span from a little before `now` to `days` after it, in whole seconds, which is all that X.509 can say. */
export function validity(now: Date, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  if (!Number.isFinite(days) || days <= 0) {
    throw new CodedError("INVALID_CERTIFICATE", {
      message: `a lifetime of ${days} days is not positive`,
      try: "give a number of days above 0",
    });
  }
  const second = Math.floor(now.getTime() / 1000);
  return {
    notBefore: new Date((second - CLOCK_SKEW_SECONDS) * 1000),
    notAfter: new Date((second + Math.round(days * 86_400)) * 1000),
  };
}

function leafValidity(signer: Signer, options: IssueOptions): { readonly notBefore: Date; readonly notAfter: Date } {
  const wanted = validity(options.now, options.days ?? 365);
  const from = signer.cert.notBefore.getTime();
  const until = signer.cert.notAfter.getTime();
  if (options.now.getTime() < from || options.now.getTime() >= until) {
    throw new CodedError("INVALID_CERTIFICATE", {
      message: `the authority ${signer.cert.subject} is valid from ${signer.cert.notBefore.toISOString()} to ${signer.cert.notAfter.toISOString()}, not at ${options.now.toISOString()}`,
      try: "set the clock right, or make a new authority",
    });
  }
  return {
    notBefore: new Date(Math.max(wanted.notBefore.getTime(), from)),
    notAfter: new Date(Math.min(wanted.notAfter.getTime(), until)),
  };
}

function alternativeNames({ names }: Profile): readonly x509.Extension[] {
  const general = [
    ...names.dns.map((value) => ({ type: "dns" as const, value })),
    ...names.ips.map((value) => ({ type: "ip" as const, value })),
  ];
  return general.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(general)];
}
