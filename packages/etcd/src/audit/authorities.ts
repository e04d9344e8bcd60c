import { X509Certificate } from "node:crypto";
import { CodedError } from "@quarterdeck/model";

/**
 * The authorities of a PEM text, which may hold several while one takes the other's place.
 * @throws {CodedError} INVALID_CERTIFICATE when there is none, or one is not an authority's
 */
export function readAuthorities(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const fields = {
    message: "the cluster's CA file holds no authority's certificate",
    try: "name the ca.pem of the cluster",
  };
  try {
    const found = blocks.map((block) => new X509Certificate(block));
    if (found.length > 0 && found.every(({ ca }) => ca)) return found;
  } catch (cause) {
    throw new CodedError("INVALID_CERTIFICATE", fields, { cause });
  }
  throw new CodedError("INVALID_CERTIFICATE", fields);
}
