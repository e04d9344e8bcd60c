/** Where an anonymous token is had, from a registry's `WWW-Authenticate`. */
export type BearerChallenge = { readonly realm: URL; readonly service: string | null; readonly scope: string | null };

/**
 * Reads `Bearer realm="…",service="…",scope="…"`; null for another scheme, and for a realm that is not https, because what is sent
 * there comes back as a credential.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export function parseChallenge(header: string | null): BearerChallenge | null {
  const match = /^\s*bearer\s+(.*)$/is.exec(header ?? "");
  if (match === null) return null;
  const fields = new Map<string, string>();
  for (const [, name, quoted, bare] of (match[1] ?? "").matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/gi)) {
    fields.set((name ?? "").toLowerCase(), quoted ?? bare ?? "");
  }
  const realm = fields.get("realm");
  if (realm === undefined || !URL.canParse(realm)) return null;
  const url = new URL(realm);
  if (url.protocol !== "https:") return null;
  return { realm: url, service: fields.get("service") ?? null, scope: fields.get("scope") ?? null };
}
