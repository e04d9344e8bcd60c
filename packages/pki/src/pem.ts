import { KEY_ALGORITHM } from "./key-algorithm.ts";
import { PemConverter } from "./x509.ts";

/** A private key as PKCS #8 PEM with a final newline. */
export async function renderPrivateKey(key: CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

/** Reads a PKCS #8 PEM of an ECDSA P-256 key; rejects with whatever the decoder says when it is not one. */
export async function readPrivateKey(pem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", PemConverter.decodeFirst(pem), KEY_ALGORITHM, true, ["sign"]);
}
