import { buildImage, type OciImage } from "./oci-image.ts";
import type { TarEntry } from "./tar-archive.ts";

/** The versions of the example service: 1.2.0 starts like the others, but its health check fails. */
export const WEB_VERSIONS = ["1.0.0", "1.1.0", "1.2.0"] as const;
export type WebVersion = (typeof WEB_VERSIONS)[number];

const ARCHITECTURE = { x64: "amd64", arm64: "arm64" } as const;

/** A web server of two megabytes on port 8080: `/` says its version, `/healthz` answers 200, or in 1.2.0 what it should not. */
export function webImage(version: WebVersion, busybox: Buffer, architecture: "x64" | "arm64"): OciImage {
  const programs: readonly TarEntry[] = [
    { path: "bin/", mode: 0o755 },
    { path: "bin/busybox", mode: 0o755, content: busybox },
    ...["sh", "httpd", "wget", "cat", "ls", "ps", "sleep"].map((name) => ({
      path: `bin/${name}`,
      mode: 0o777,
      target: "busybox",
    })),
    { path: "etc/", mode: 0o755 },
    { path: "tmp/", mode: 0o777 },
  ];
  const page = (text: string): Buffer => Buffer.from(`${text}\n`);
  const site: readonly TarEntry[] = [
    { path: "www/", mode: 0o755 },
    { path: "www/index.html", mode: 0o644, content: page(`web ${version}`) },
    ...(version === "1.2.0" ? [] : [{ path: "www/healthz", mode: 0o644, content: page("ok") }]),
  ];
  return buildImage({
    architecture: ARCHITECTURE[architecture],
    layers: [programs, site],
    command: ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"],
    environment: ["PATH=/bin", `VERSION=${version}`],
    labels: { "org.opencontainers.image.title": "web", "org.opencontainers.image.version": version },
  });
}
