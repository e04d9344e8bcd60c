import { createHash } from "node:crypto";
import type { Sha256 } from "@quarterdeck/model";

/** SHA-256 of the text's UTF-8 bytes, as unit files are named by it. */
export function hashText(text: string): Sha256 {
  return createHash("sha256").update(text, "utf8").digest("hex") as Sha256;
}
