import { createHash } from "node:crypto";

/** An object of the cluster's bucket that is named by what it holds: another content is another object, and none ever changes. */
export interface ContentObject {
  /** `<folder>/<first 64 hex digits of its sha512>`. */
  readonly key: string;
  /** 128 hex digits, of the bytes. */
  readonly sha512: string;
}

/** Names what is to be put into `folder`, a path without slashes at its ends. */
export function nameContent(folder: string, content: string | Uint8Array): ContentObject {
  const sha512 = createHash("sha512").update(content).digest("hex");
  return { key: `${folder}/${sha512.slice(0, 64)}`, sha512 };
}

/**
 * The bucket's name, which must be the only one in the world: cluster, account and region make it so.
 * At most 63 characters, for a cluster's name of up to 32.
 */
export function bucketName(cluster: string, account: string, region: string): string {
  return `${cluster}-${account}-${region}`;
}

/** Where in the bucket which things are; the policies of roles name these folders. */
export const FOLDERS = {
  /** Machines' configs; below it one folder for each kind of machine. */
  config: "config",
  /** Certificates of the authorities, put once. */
  pki: "pki",
  binary: "binary",
  backups: "backups",
} as const;
