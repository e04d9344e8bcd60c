import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { buildImage, type ImageRecipe } from "./oci-image.ts";
import { renderTarball } from "./tar-archive.ts";

const RECIPE: ImageRecipe = {
  architecture: "amd64",
  layers: [
    [
      { path: "bin/", mode: 0o755 },
      { path: "bin/a", mode: 0o755, content: Buffer.from("x".repeat(700)) },
      { path: "bin/b", mode: 0o777, target: "a" },
    ],
  ],
  command: ["/bin/a"],
  environment: ["VERSION=1.0.0"],
  labels: {},
};

const sha256 = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

test("the same recipe gives the same image", () => {
  expect(buildImage(RECIPE).manifest.digest).toBe(buildImage(RECIPE).manifest.digest);
  expect(buildImage({ ...RECIPE, environment: ["VERSION=1.1.0"] }).manifest.digest).not.toBe(
    buildImage(RECIPE).manifest.digest,
  );
});

test("the manifest names every blob by its digest and size", () => {
  const image = buildImage(RECIPE);
  const manifest = JSON.parse(image.manifest.bytes.toString()) as { config: object; layers: object[] };
  const described = image.blobs.map(({ mediaType, bytes }) => ({
    mediaType,
    digest: sha256(bytes),
    size: bytes.length,
  }));
  expect([...manifest.layers, manifest.config]).toEqual(described);
});

test("the config names layers by the digest of what is inside the compression", () => {
  const image = buildImage(RECIPE);
  const config = JSON.parse(image.blobs.at(-1)?.bytes.toString() ?? "") as { rootfs: { diff_ids: string[] } };
  expect(config.rootfs.diff_ids).toEqual([sha256(gunzipSync(image.blobs[0]?.bytes ?? Buffer.alloc(0)))]);
});

test("tar reads what was written", () => {
  const listed = spawnSync("tar", ["-tzvf", "-", "--numeric-owner"], {
    input: renderTarball(RECIPE.layers[0] ?? []),
    encoding: "utf8",
  });
  expect(listed.stderr).toBe("");
  expect(
    listed.stdout.split("\n").map((line) => line.replaceAll(/\s+/g, " ").replace(/ \d{4}-\d\d-\d\d \d\d:\d\d/, "")),
  ).toEqual(["drwxr-xr-x 0/0 0 bin/", "-rwxr-xr-x 0/0 700 bin/a", "lrwxrwxrwx 0/0 0 bin/b -> a", ""]);
});
