import { refuse, succeed, type Brand, type Result } from "@quarterdeck/model";

/** The tag of an image: what comes after the colon. */
export type ImageTag = string & Brand<"ImageTag">;

/** Checks a version as an image tag. Nothing else that a person types in a deploy reaches a machine. @see OCI distribution-spec 1.1 "Pulling manifests" */
export function parseVersion(text: string): Result<ImageTag> {
  if (/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(text)) return succeed(text as ImageTag);
  return refuse({
    code: "INVALID_VERSION",
    message: `${JSON.stringify(text.slice(0, 140))} is not a version`,
    why: "a version is an image tag: 1 to 128 of A-Z a-z 0-9 _ . - that does not begin with . or -",
    try: "fleet deploy SERVICE 1.2.3",
  });
}
