import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { renderTarball, type TarEntry } from "./tar-archive.ts";

export type Blob = { readonly mediaType: string; readonly digest: string; readonly bytes: Buffer };

/** An image ready to be pushed: its blobs first, then the manifest that names them. @see OCI image spec 1.1, image-spec/manifest.md */
export type OciImage = { readonly manifest: Blob; readonly blobs: readonly Blob[] };

export type ImageRecipe = {
  readonly architecture: "amd64" | "arm64";
  /** Lowest first. */
  readonly layers: readonly (readonly TarEntry[])[];
  readonly command: readonly string[];
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

/** The same recipe gives the same digests. */
export function buildImage(recipe: ImageRecipe): OciImage {
  const layers = recipe.layers.map((entries) =>
    blob("application/vnd.oci.image.layer.v1.tar+gzip", renderTarball(entries)),
  );
  const config = jsonBlob("application/vnd.oci.image.config.v1+json", {
    created: "2026-01-01T00:00:00Z",
    architecture: recipe.architecture,
    os: "linux",
    config: { Env: recipe.environment, Cmd: recipe.command, ExposedPorts: { "8080/tcp": {} }, Labels: recipe.labels },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => digestOf(gunzipSync(layer.bytes))) },
  });
  const describe = ({ mediaType, digest, bytes }: Blob) => ({ mediaType, digest, size: bytes.length });
  const manifest = jsonBlob("application/vnd.oci.image.manifest.v1+json", {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: describe(config),
    layers: layers.map(describe),
  });
  return { manifest, blobs: [...layers, config] };
}

function blob(mediaType: string, bytes: Buffer): Blob {
  return { mediaType, digest: digestOf(bytes), bytes };
}

function jsonBlob(mediaType: string, value: unknown): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
