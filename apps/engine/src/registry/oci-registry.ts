import { createHash } from "node:crypto";
import { CodedError, problemOf, refuse, succeed, type Problem, type Result } from "@quarterdeck/model";
import { imageByDigest, parseImage } from "@quarterdeck/units";
import type { Dispatcher } from "undici";
import { fetch, type Response } from "undici";
import { z } from "zod";
import type { ImageRegistry, PinnedImage } from "../ports.ts";
import { describeMissingVersion } from "./describe-missing-version.ts";
import { parseChallenge } from "./parse-challenge.ts";
import { readLimited } from "./read-limited.ts";

/** Every manifest form that names one image; an index is pinned as an index, so that each machine takes its own platform of it. */
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Docker Hub's API does not live where its images are named. */
const HOSTS: ReadonlyMap<string, string> = new Map([["docker.io", "registry-1.docker.io"]]);

const ASK_DEADLINE_MS = 10_000;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });
const tagsSchema = z.object({ tags: z.array(z.string()).nullable() });

type Call = { readonly method: "GET" | "HEAD"; readonly accept: string };

/**
 * The registry that an image's own name points at, asked anonymously over HTTPS; `dispatcher` carries the trusted authorities.
 * @see OCI distribution-spec v1.1 "Pulling manifests", "Listing Tags"
 */
export function createOciRegistry(dispatcher: Dispatcher): ImageRegistry {
  /** One request, and once more with an anonymous token when the registry asks for one. */
  async function ask(url: string, call: Call, signal: AbortSignal): Promise<Response> {
    const first = await fetch(url, { method: call.method, headers: { accept: call.accept }, dispatcher, signal });
    const challenge = first.status === 401 ? parseChallenge(first.headers.get("www-authenticate")) : null;
    if (challenge === null) return first;
    await first.body?.cancel();
    const realm = new URL(challenge.realm);
    if (challenge.service !== null) realm.searchParams.set("service", challenge.service);
    if (challenge.scope !== null) realm.searchParams.set("scope", challenge.scope);
    const granted = await fetch(realm, { dispatcher, signal });
    if (!granted.ok) throw unreachable(url, `its token service answered ${granted.status}`);
    const { token, access_token: accessToken } = tokenSchema.parse(JSON.parse(await readLimited(granted)));
    const bearer = token ?? accessToken ?? "";
    return fetch(url, {
      method: call.method,
      headers: { accept: call.accept, authorization: `Bearer ${bearer}` },
      dispatcher,
      signal,
    });
  }

  async function digestOf(url: string, signal: AbortSignal): Promise<string | null> {
    const head = await ask(url, { method: "HEAD", accept: MANIFESTS }, signal);
    const named = head.headers.get("docker-content-digest");
    if (head.status === 404) return null;
    if (head.ok && named !== null && DIGEST.test(named)) return named;
    // The digest header is only recommended: without it the manifest itself says, being content-addressed.
    const whole = await ask(url, { method: "GET", accept: MANIFESTS }, signal);
    if (whole.status === 404) return null;
    if (!whole.ok) throw unreachable(url, `it answered ${whole.status}`);
    return `sha256:${createHash("sha256")
      .update(await readLimited(whole), "utf8")
      .digest("hex")}`;
  }

  async function tagsOf(url: string, signal: AbortSignal): Promise<readonly string[]> {
    const listed = await ask(url, { method: "GET", accept: "application/json" }, signal);
    if (!listed.ok) return [];
    return tagsSchema.parse(JSON.parse(await readLimited(listed))).tags ?? [];
  }

  return {
    async pin(repository, version, signal): Promise<Result<PinnedImage>> {
      const address = parseImage(repository);
      if (!address.ok) return address;
      const base = `https://${HOSTS.get(address.value.domain) ?? address.value.domain}/v2/${address.value.path}`;
      const limited = AbortSignal.any([signal, AbortSignal.timeout(ASK_DEADLINE_MS)]);
      try {
        const digest = await digestOf(`${base}/manifests/${encodeURIComponent(version)}`, limited);
        if (digest !== null) {
          const image = imageByDigest(address.value, digest);
          return image.ok ? succeed({ image: image.value, pinned: true }) : image;
        }
        return refuse(describeMissingVersion(repository, version, await tagsOf(`${base}/tags/list?n=1000`, limited)));
      } catch (error) {
        signal.throwIfAborted();
        return refuse(describeFailure(repository, version, error));
      }
    },
  };
}

function unreachable(url: string, what: string): CodedError {
  return new CodedError("REGISTRY_UNREACHABLE", { message: `${new URL(url).host}: ${what}` });
}

/** undici says "fetch failed" and keeps what happened in the cause. */
function describeFailure(repository: string, version: string, error: unknown): Problem {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why =
    error instanceof CodedError
      ? error.message
      : cause instanceof Error && cause.name === "TimeoutError"
        ? "no answer within 10 s"
        : problemOf(cause).message;
  return {
    code: "REGISTRY_UNREACHABLE",
    message: `the registry of ${repository} could not be asked for version ${version}`,
    why,
    try: "again later, or with --allow-tag to deploy the tag as it is, without a digest",
  };
}
