import { request } from "node:https";
import { labFailed } from "../lab-failed.ts";
import type { Blob, OciImage } from "./oci-image.ts";

/** A registry as its clients see it: a name that its certificate carries, at an address. */
export type RegistryEndpoint = {
  readonly address: string;
  readonly port: number;
  readonly serverName: string;
  readonly ca: string;
};

type Answer = { readonly status: number; readonly location: string | null; readonly text: string };

/** Uploads an image under a repository and tag; blobs that are there already are not sent again. @see OCI distribution spec 1.1 "Push" */
export async function pushImage(
  endpoint: RegistryEndpoint,
  name: { readonly repository: string; readonly tag: string },
  image: OciImage,
  signal: AbortSignal,
): Promise<void> {
  const base = `/v2/${name.repository}`;
  for (const blob of image.blobs) await pushBlob(endpoint, base, blob, signal);
  const put = await ask(
    endpoint,
    {
      method: "PUT",
      path: `${base}/manifests/${name.tag}`,
      type: image.manifest.mediaType,
      body: image.manifest.bytes,
    },
    signal,
  );
  if (put.status !== 201) throw refused(`manifest of ${name.repository}:${name.tag}`, put);
}

/** The status a registry answers on its root with; 200 means it is there and lets us in. */
export async function registryStatus(endpoint: RegistryEndpoint, signal: AbortSignal): Promise<number> {
  return (await ask(endpoint, { method: "GET", path: "/v2/" }, signal)).status;
}

async function pushBlob(endpoint: RegistryEndpoint, base: string, blob: Blob, signal: AbortSignal): Promise<void> {
  const there = await ask(endpoint, { method: "HEAD", path: `${base}/blobs/${blob.digest}` }, signal);
  if (there.status === 200) return;
  const begun = await ask(endpoint, { method: "POST", path: `${base}/blobs/uploads/` }, signal);
  if (begun.status !== 202 || begun.location === null) throw refused(`upload to ${base}`, begun);
  const target = new URL(begun.location, `https://${endpoint.serverName}`);
  target.searchParams.set("digest", blob.digest);
  const put = await ask(
    endpoint,
    { method: "PUT", path: target.pathname + target.search, type: "application/octet-stream", body: blob.bytes },
    signal,
  );
  if (put.status !== 201) throw refused(`blob ${blob.digest}`, put);
}

type Ask = { readonly method: string; readonly path: string; readonly type?: string; readonly body?: Buffer };

function ask(endpoint: RegistryEndpoint, { method, path, type, body }: Ask, signal: AbortSignal): Promise<Answer> {
  return new Promise((done, fail) => {
    const headers = {
      host: `${endpoint.serverName}:${endpoint.port}`,
      "content-length": body?.length ?? 0,
      ...(type === undefined ? {} : { "content-type": type }),
    };
    const call = request(
      {
        host: endpoint.address,
        port: endpoint.port,
        servername: endpoint.serverName,
        ca: endpoint.ca,
        method,
        path,
        headers,
        signal,
        timeout: 20_000,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () =>
          done({
            status: response.statusCode ?? 0,
            location: response.headers.location ?? null,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    call.on("timeout", () => call.destroy(labFailed("the registry did not answer within 20 s")));
    call.on("error", fail);
    call.end(body);
  });
}

function refused(what: string, answer: Answer): Error {
  return labFailed(`the registry refused the ${what}`, { why: `${answer.status} ${answer.text.slice(0, 300)}` });
}
