import { refuse, succeed, type Result } from "@quarterdeck/model";
import { parseFamiliarName, type Reference } from "@swimlane/docker-reference";
import type { ImageTag } from "./parse-version.ts";
import { unitFault } from "./unit-fault.ts";

/** Where an image is kept. `name` is both parts, e.g. `docker.io/library/nginx` for `nginx`. */
export type ImageRepository = { readonly domain: string; readonly path: string; readonly name: string };

/** Reads `Image=`: a repository, without tag or digest, because the version comes with the deploy. */
export function parseImage(text: string): Result<ImageRepository> {
  const reference = readReference(text);
  if (reference?.domain === undefined || reference.repository === undefined) {
    return refuse(unitFault(`${JSON.stringify(text)} is not an image repository`, "Image=ghcr.io/acme/web"));
  }
  const name = `${reference.domain}/${reference.repository}`;
  if (reference.tag !== undefined || reference.digest !== undefined) {
    return refuse(
      unitFault(`${JSON.stringify(text)} has a tag or digest; the version comes with the deploy`, `Image=${name}`),
    );
  }
  return succeed({ domain: reference.domain, path: reference.repository, name });
}

/** `ghcr.io/acme/web:1.9.0` */
export function imageByTag(repository: ImageRepository, tag: ImageTag): string {
  return `${repository.name}:${tag}`;
}

/** `ghcr.io/acme/web@sha256:…`; refused unless the digest is a sha256. */
export function imageByDigest(repository: ImageRepository, digest: string): Result<string> {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return succeed(`${repository.name}@${digest}`);
  return refuse({
    code: "REGISTRY_UNREACHABLE",
    message: `the registry answered with ${JSON.stringify(digest.slice(0, 80))}, which is not a sha256 digest`,
  });
}

function readReference(text: string): Reference | null {
  // The library throws for what it cannot read and says nothing that a person could use.
  try {
    return parseFamiliarName(text);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
