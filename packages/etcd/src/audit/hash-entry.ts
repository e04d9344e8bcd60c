import { createHash } from "node:crypto";
import type { Sha256 } from "@quarterdeck/model";

/** SHA-256 of an audit entry: of the UTF-8 bytes of its JSON exactly as etcd holds them, no newline behind it. */
export function hashEntry(json: string): Sha256 {
  return createHash("sha256").update(json, "utf8").digest("hex") as Sha256;
}
