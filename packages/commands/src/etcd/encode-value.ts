import { isUtf8 } from "node:buffer";

export type EncodedValue = { readonly value: string; readonly encoding: "utf8" | "base64" };

/** A value as JSON can hold it without changing it. */
export function encodeValue(bytes: Uint8Array): EncodedValue {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer)
    ? { value: buffer.toString("utf8"), encoding: "utf8" }
    : { value: buffer.toString("base64"), encoding: "base64" };
}
