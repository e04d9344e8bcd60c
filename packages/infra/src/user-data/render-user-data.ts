import { renderIgnition, stubConfig } from "@quarterdeck/ignition";
import type { ContentObject } from "../names/objects.ts";

/** The user data of a launch template, in base64 as EC2 wants it: the stub that leads to the config in the bucket. */
export function renderUserData(bucket: string, { key, sha512 }: ContentObject): string {
  return Buffer.from(renderIgnition(stubConfig({ source: `s3://${bucket}/${key}`, sha512 }))).toString("base64");
}
