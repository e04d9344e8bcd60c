import { createAuthority, profiles, type Profile } from "@quarterdeck/pki";
import { createAuditSigner, type AuditSigner } from "../audit/audit-signer.ts";

/** A cluster's authority, and who signs audit logs with certificates of it. */
export type AuditAuthority = {
  /** PEM. */
  readonly ca: string;
  /** A signer with a certificate of its own: an engine's unless `profile` says otherwise, valid for a year from `now` unless `days` does. */
  signer(options?: { readonly profile?: Profile; readonly now?: Date; readonly days?: number }): Promise<AuditSigner>;
};

/** Makes an authority that is valid for ten years from `now`. */
export async function createAuditAuthority(now = new Date()): Promise<AuditAuthority> {
  const authority = await createAuthority("Quarterdeck test", now);
  return {
    ca: authority.cert,
    signer: async ({ profile = profiles.engine(), now: from = now, days = 365 } = {}) =>
      createAuditSigner({ ...(await authority.issue(profile, { now: from, days })), ca: authority.cert }),
  };
}
