import { CodedError } from "@quarterdeck/model";
import type { Response } from "undici";

/** A manifest may be 4 MiB (distribution-spec); nothing that a registry is asked for here is larger. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A response's text, refused when it is larger than any honest answer. @throws {CodedError} REGISTRY_UNREACHABLE */
export async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk as Uint8Array;
    bytes += part.byteLength;
    if (bytes > MAX_BYTES)
      throw new CodedError("REGISTRY_UNREACHABLE", { message: `it answered more than ${MAX_BYTES} bytes` });
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString("utf8");
}
