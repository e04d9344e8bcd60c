import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { nameContent } from "../names/objects.ts";
import { recordResources } from "../testing/record-resources.ts";
import { ConfigStore } from "./config-store.ts";
import { Pki } from "./pki.ts";

const args = { cluster: "prod", bucket: "prod-b", backupRetentionDays: 30, protect: true };

test("nobody outside reads the bucket, what it holds is encrypted and kept when overwritten, and old backups go", async () => {
  const recorded = await recordResources();
  new ConfigStore("prod", args);
  expect((await recorded.one("s3/bucketPublicAccessBlock")).inputs).toMatchObject({
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  expect((await recorded.one("s3/bucketVersioning")).inputs).toMatchObject({
    versioningConfiguration: { status: "Enabled" },
  });
  expect(await recorded.of("s3/bucketServerSideEncryptionConfiguration")).toHaveLength(1);
  expect((await recorded.one("s3/bucketLifecycleConfiguration")).inputs["rules"]).toEqual([
    expect.objectContaining({ filter: { prefix: "backups/" }, expiration: { days: 30 } }),
  ]);
});

test("a config lies under its hash, and whoever waits for its key waits for the object", async () => {
  const recorded = await recordResources();
  const put = new ConfigStore("prod", args).put("etcd-a", "etcd", "{}");
  const { promise, resolve } = Promise.withResolvers<unknown>();
  pulumi.output(put).apply(resolve);
  expect(await promise).toEqual(nameContent("config/etcd", "{}"));
  expect((await recorded.one("s3/bucketObjectv2")).inputs).toMatchObject({
    key: nameContent("config/etcd", "{}").key,
    content: "{}",
  });
});

test("the CA's key signs, and does nothing else", async () => {
  const recorded = await recordResources();
  new Pki("prod", { cluster: "prod" });
  expect((await recorded.one("kms/key")).inputs).toMatchObject({
    keyUsage: "SIGN_VERIFY",
    customerMasterKeySpec: "ECC_NIST_P256",
    deletionWindowInDays: 30,
  });
});
