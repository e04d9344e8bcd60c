import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bucketName, FOLDERS, nameContent } from "../names/objects.ts";
import { renderUserData } from "./render-user-data.ts";

const stubOf = (bucket: string, content: string, folder: string = FOLDERS.config) =>
  Buffer.from(renderUserData(bucket, nameContent(folder, content)), "base64").toString();

describe("user data", () => {
  test("is below 1 KB with the longest names there can be", () => {
    const bucket = bucketName("q".repeat(32), "123456789012", "ap-southeast-1");
    expect(bucket.length).toBeLessThanOrEqual(63);
    const stub = stubOf("b".repeat(63), "x", `${FOLDERS.config}/${"k".repeat(64)}`);
    expect(Buffer.byteLength(stub)).toBeLessThan(1024);
  });

  test("says where the machine's config is and what it hashes to, and nothing else", () => {
    const sha512 = createHash("sha512").update("config").digest("hex");
    expect(JSON.parse(stubOf("bucket", "config"))).toEqual({
      ignition: {
        version: "3.3.0",
        config: {
          replace: {
            source: `s3://bucket/config/${sha512.slice(0, 64)}`,
            verification: { hash: `sha512-${sha512}` },
          },
        },
      },
    });
  });

  test("is the same bytes for the same config, and others for another one", () => {
    expect(stubOf("bucket", "one")).toBe(stubOf("bucket", "one"));
    expect(stubOf("bucket", "one")).not.toBe(stubOf("bucket", "two"));
  });
});
