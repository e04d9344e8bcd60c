import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { FOLDERS, nameContent, type ContentObject } from "../names/objects.ts";
import { renderTags } from "../names/tags.ts";

/** What a bucket is made from. */
export interface ConfigStoreArgs {
  readonly cluster: string;
  /** The only one of its name in the world; `bucketName` makes one. */
  readonly bucket: string;
  readonly backupRetentionDays: number;
  /** Whether the bucket, and with it every backup, survives the stack. */
  readonly protect: boolean;
}

/** The cluster's bucket: configs under their hashes, certificates of authorities, backups. Nobody outside reads it, and what was overwritten is kept. */
export class ConfigStore extends pulumi.ComponentResource {
  readonly bucket: pulumi.Output<string>;
  readonly #name: string;
  readonly #bucket: aws.s3.Bucket;
  /** What a config's object waits for: before it no machine's first boot may begin. */
  readonly #ready: pulumi.Resource[];

  constructor(name: string, args: ConfigStoreArgs, options?: pulumi.ComponentResourceOptions) {
    super("quarterdeck:aws:ConfigStore", name, {}, options);
    this.#name = name;
    const parent = { parent: this };
    const tags = { ...renderTags({ cluster: args.cluster, part: "store", name: "store" }) };
    this.#bucket = new aws.s3.Bucket(name, { bucket: args.bucket, tags }, { ...parent, protect: args.protect });
    const bucket = this.#bucket.id;
    this.bucket = bucket;
    const closed = new aws.s3.BucketPublicAccessBlock(
      name,
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      parent,
    );
    const versioned = new aws.s3.BucketVersioning(
      name,
      { bucket, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    const encrypted = new aws.s3.BucketServerSideEncryptionConfiguration(
      name,
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      parent,
    );
    new aws.s3.BucketLifecycleConfiguration(
      name,
      {
        bucket,
        rules: [
          {
            id: "backups",
            status: "Enabled",
            filter: { prefix: `${FOLDERS.backups}/` },
            expiration: { days: args.backupRetentionDays },
            noncurrentVersionExpiration: { noncurrentDays: args.backupRetentionDays },
          },
        ],
      },
      { ...parent, dependsOn: [versioned] },
    );
    this.#ready = [closed, versioned, encrypted];
    this.registerOutputs({ bucket });
  }

  /** Puts a machine's config under its hash; the key is known before anything is made. Resolves with it once the object is there. */
  put(name: string, folder: string, text: string): pulumi.Output<ContentObject> {
    const content = nameContent(`${FOLDERS.config}/${folder}`, text);
    const object = new aws.s3.BucketObjectv2(
      `${this.#name}-${name}`,
      { bucket: this.bucket, key: content.key, content: text, contentType: "application/vnd.coreos.ignition+json" },
      { parent: this, dependsOn: this.#ready },
    );
    return object.key.apply((key) => ({ ...content, key }));
  }
}
