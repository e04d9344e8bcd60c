import { expect, test } from "vitest";
import { webImage, WEB_VERSIONS } from "./web-image.ts";

test("versions share the layer of programs and differ in the rest", () => {
  const images = WEB_VERSIONS.map((version) => webImage(version, Buffer.from("busybox"), "x64"));
  expect(new Set(images.map((image) => image.blobs[0]?.digest)).size).toBe(1);
  expect(new Set(images.map((image) => image.manifest.digest)).size).toBe(WEB_VERSIONS.length);
});
